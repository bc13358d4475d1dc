import Fixtures
import Testing

@testable import Heads

/// Indices of labels by their names, against a plain search.
@Suite struct LabelIndexTests {
    static func truth(_ labels: [String], _ name: String) -> LabelIndex.Match? {
        let found = labels.indices.filter { labels[$0] == name }
        return found.isEmpty ? nil : found.count == 1 ? .one(found[0]) : .several
    }

    @Test(arguments: [1, 2, 3, 4, 5, 63, 64, 65, 1000])
    func `every name is found`(count: Int) {
        var random = SeededRandom(seed: UInt64(count))
        for spread in [1, count, 1 << 40] {
            let labels = (0..<count).map { _ in "l\(Int.random(in: 0..<spread, using: &random))" }
            let index = LabelIndex(labels, classCount: count)
            for name in labels + ["", "l", "l-1", "x"] {
                #expect(index.match(name) == Self.truth(labels, name))
            }
        }
    }

    @Test func `labels without names are called by their indices`() {
        let index = LabelIndex(nil, classCount: 12)
        #expect(index.match("0") == .one(0))
        #expect(index.match("11") == .one(11))
        for name in ["12", "-0", "-1", "01", "+1", " 1", "1.0", "", "99999999999999999999"] {
            #expect(index.match(name) == nil)
        }
    }
}
