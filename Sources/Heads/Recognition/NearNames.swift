/// The names of a file that a name with a slip in it could mean.
struct NearNames {
    /// The nearest first, none far off.
    let names: [String]

    /// Names and bytes that are compared, so that a file of many names costs little.
    private static let (maxNames, maxBytes, maxHints) = (4096, 128, 3)

    /// Compares with each name and with the layer it belongs to. Names that have all parts of the
    /// wanted one, in its order, come last: `a.wrapper.b.weight` for `a.b`.
    init(of name: String, among all: [String]) {
        let wanted = Array(name.utf8.prefix(Self.maxBytes))
        let limit = max(2, wanted.count / 3)
        let parts = Self.parts(of: name)
        var found: [(distance: Int, name: String)] = []
        for candidate in all.prefix(Self.maxNames) where candidate.utf8.count <= Self.maxBytes {
            let forms = [candidate, candidate.parentPath, candidate.lastPart]
            let distance = forms.map { Self.distance(wanted, Array($0.utf8)) }.min() ?? .max
            if distance <= limit {
                found.append((distance, candidate))
            } else if parts.count > 1, Self.has(parts, in: candidate) {
                found.append((.max, candidate))
            }
        }
        let trained = Set(UntrainedTwins.without(found.map(\.name)))
        names = found.filter { trained.contains($0.name) }.enumerated()
            .sorted { ($0.element.distance, $0.offset) < ($1.element.distance, $1.offset) }
            .prefix(Self.maxHints).map(\.element.name)
    }

    private static func parts(of name: String) -> [Substring] {
        name.split { $0 == "." || $0 == "/" }
    }

    private static func has(_ wanted: [Substring], in name: String) -> Bool {
        var rest = wanted[...]
        for part in parts(of: name) where part == rest.first { rest = rest.dropFirst() }
        return rest.isEmpty
    }

    /// Bytes to insert, remove or replace (Levenshtein). Cost O(n·m).
    static func distance(_ first: [UInt8], _ second: [UInt8]) -> Int {
        var row = Array(0...second.count)
        for (index, byte) in first.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (column, other) in second.enumerated() {
                let cost = min(row[column], row[column + 1]) + 1
                let replaced = diagonal + (byte == other ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(cost, replaced)
            }
        }
        return row[second.count]
    }
}
