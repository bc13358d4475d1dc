import Fixtures
import Testing

@testable import Heads

@Suite struct TopKTests {
    @Test func `equals a sort with ties to the lower index`() {
        var random = SeededRandom(seed: 3)
        for size in 0...40 {
            let values = random.floats(size, in: 0...6).map { $0.rounded() }
            let sorted = values.indices.sorted { (values[$0], $1) > (values[$1], $0) }
            for count in [0, 1, 2, size - 1, size, size + 1] where count >= 0 {
                #expect(TopK.indices(of: values, count: count) == Array(sorted.prefix(count)))
            }
        }
    }
}
