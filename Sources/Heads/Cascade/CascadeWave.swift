internal import LogitKernels
internal import Synchronization

/// The prefixes that the rows of a batch visit at once, in the order of the table, each with all
/// the rows that visit it.
struct CascadeWave: Sendable {
    /// One a prefix.
    private(set) var runs: [ScoreRun] = []
    /// The row of the batch that each entry of a run scores for.
    private(set) var entries: [Int] = []
    /// The entry of each planned prefix, of all rows one after the other.
    private var places: [Int] = []
    /// The index at which each row's places begin, and that at which the last row's end.
    private var starts: [Int] = [0]

    init() {}

    /// A wave of the prefixes that rows have planned.
    init(_ rows: [LockedRow], _ level: CascadeLevel) {
        var visits: [(code: Int, row: Int, place: Int)] = []
        for row in rows {
            for prefix in row.state.withLock({ $0.planned }) {
                visits.append((prefix.code, row.index, visits.count))
            }
            starts.append(visits.count)
        }
        visits.sort { ($0.code, $0.place) < ($1.code, $1.place) }
        places = [Int](repeating: 0, count: visits.count)
        for (entry, visit) in visits.enumerated() {
            places[visit.place] = entry
            let isNew = entry == 0 || visits[entry - 1].code != visit.code
            let first = isNew ? entry : runs.removeLast().entries.lowerBound
            runs.append(
                ScoreRun(rows: level.candidates(of: visit.code), entries: first..<entry + 1))
            entries.append(visit.row)
        }
    }

    /// The entries of the prefixes that a row planned, by rank; none before the first wave.
    func places(ofRow row: Int) -> ArraySlice<Int> {
        row + 1 < starts.count ? places[starts[row]..<starts[row + 1]] : []
    }
}
