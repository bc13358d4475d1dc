internal import Synchronization

/// The run times of a model, from the batches it ran, by the number of rows and of samples a row.
/// Used to choose where, when and with whom to compute, never to change a result. Any thread.
///
/// Both numbers fall into classes of a factor of two; a class keeps a moving average of the time
/// of a unit, which is a sample of a row. A class without a batch is judged by the nearest one that
/// has some, in proportion to the units: small work is run first, and tells about larger.
final class RunTimes: Sendable {
    /// Weight of the latest batch in the average.
    private static let share = 0.25
    private static let classCount = 24

    private struct State {
        /// Average nanoseconds of a unit by class of rows and of samples; 0 where no batch has run.
        var averages = [Double](repeating: 0, count: classCount * classCount)
        /// For each class the known one that stands for it; nil where it was not looked for since
        /// the last class became known.
        var nearest = [Int?](repeating: nil, count: classCount * classCount)
    }

    private let state = Mutex(State())

    /// Expected nanoseconds of so much work, the encoding of its answer included; nil before the
    /// first batch. O(1), amortised.
    func nanoseconds(rows: Int, samples: Int) -> UInt64? {
        let place = Self.place(rows, samples)
        let average = state.withLock { state -> Double? in
            if let known = state.nearest[place] { return state.averages[known] }
            let found = Self.nearest(to: place, in: state.averages)
            state.nearest[place] = found
            return found.map { state.averages[$0] }
        }
        guard let average else { return nil }
        return UInt64(exactly: (average * Double(rows) * Double(samples)).rounded(.up)) ?? .max
    }

    /// A batch has run, of as many rows, and of as many samples a row on average.
    func record(rows: Int, samples: Int, nanoseconds: UInt64) {
        let units = Double(max(rows, 1)) * Double(max(samples, 1))
        // Never 0, which means that nothing is known.
        let latest = max(Double(nanoseconds), 1) / units
        let place = Self.place(rows, samples)
        state.withLock { state in
            let average = state.averages[place]
            guard average > 0 else {
                state.averages[place] = latest
                state.nearest = [Int?](repeating: nil, count: state.nearest.count)
                return
            }
            state.averages[place] = average + Self.share * (latest - average)
        }
    }

    private static func place(_ rows: Int, _ samples: Int) -> Int {
        order(rows) * classCount + order(samples)
    }

    /// The class of a number: its binary logarithm.
    private static func order(_ number: Int) -> Int {
        min(Int.bitWidth - 1 - max(number, 1).leadingZeroBitCount, classCount - 1)
    }

    /// The known class with the least distance; of several, that of less work.
    private static func nearest(to place: Int, in averages: [Double]) -> Int? {
        let (rows, samples) = place.quotientAndRemainder(dividingBy: classCount)
        var best: (distance: Int, place: Int)?
        for other in averages.indices where averages[other] > 0 {
            let (otherRows, otherSamples) = other.quotientAndRemainder(dividingBy: classCount)
            let distance = abs(otherRows - rows) + abs(otherSamples - samples)
            if let best, best.distance <= distance { continue }
            best = (distance, other)
        }
        return best?.place
    }
}
