import CNumberText
import Fixtures
import Testing

/// Lists of unsigned integers below a bound, read many at a time.
@Suite struct IndexListTests {
    private func check(
        _ texts: [String], _ expected: [UInt32], isWhole: Bool, bound: UInt32 = .max,
        separator: String = ",", _ location: SourceLocation = #_sourceLocation
    ) {
        let text = ListText(texts, separator: separator)
        for way in NumberReading.allCases {
            let found = way.indices(
                text.bytes, from: text.start, room: texts.count, bound: bound)
            #expect(found.elements == expected && found.keepsRoom, sourceLocation: location)
            #expect((found.end == CNT_CLOSED) == isWhole, sourceLocation: location)
        }
    }

    @Test(arguments: [",", ", ", " ,"])
    func `indices of any length`(separator: String) {
        var random = SeededRandom(seed: 41)
        for bits in 1...32 {
            for count in [1, 9, 33, 200] {
                let bound = UInt32.max >> UInt32(32 - bits)
                let indices = (0..<count).map { _ in UInt32.random(in: 0..<bound, using: &random) }
                check(
                    indices.map(String.init), indices, isWhole: true, bound: bound,
                    separator: separator)
            }
        }
    }

    /// Digits of a word, and one more.
    @Test func `every power of ten and its neighbours`() {
        let powers = sequence(first: UInt32(1)) { $0 <= 100_000_000 ? $0 * 10 : nil }
        let indices = powers.flatMap { [$0 - 1, $0, $0 + 1] }
        #expect(indices.last == 1_000_000_001)
        check(indices.map(String.init), indices, isWhole: true)
        for index in indices {
            check(
                [String](repeating: "\(index)", count: 50), [UInt32](repeating: index, count: 50),
                isWhole: true)
        }
    }

    /// As many as fill a window of 64 bytes, and one more or less.
    @Test(arguments: 1...9)
    func `room`(digits: Int) {
        let least = (1..<digits).reduce(UInt32(1)) { power, _ in power * 10 }
        let indices = (0..<70).map { least + $0 * 7919 % (9 * least) }
        let text = ListText(indices.map(String.init))
        for way in NumberReading.allCases {
            for room in 0...indices.count + 1 {
                let found = way.indices(text.bytes, from: text.start, room: room, bound: .max)
                #expect(found.elements == Array(indices.prefix(room)) && found.keepsRoom)
                #expect(found.end == (room < indices.count ? CNT_FULL : CNT_CLOSED))
            }
        }
    }

    /// Those of all lengths next to each other, with and without what is no index among them.
    @Test func `random texts`() {
        var random = SeededRandom(seed: 43)
        let others = [
            "1.5", "-7", "00", "1e2", " 8", "\n9", "4294967295", "123456789", "", "x", "7 ",
        ]
        for round in 0..<3000 {
            let texts = (0..<Int.random(in: 1...90, using: &random)).map { _ in
                if round % 2 == 0, Int.random(in: 0..<40, using: &random) == 0 {
                    return others.randomElement(using: &random) ?? ""
                }
                let bits = UInt32.random(in: 0..<32, using: &random)
                return String(UInt32.random(in: 0...(.max >> bits), using: &random))
            }
            let bound = UInt32.max >> UInt32.random(in: 0..<8, using: &random)
            let text = ListText(texts)
            let expected = texts.prefix {
                $0 != "00" && UInt32(trimmed($0)).map { $0 < bound } == true
            }
            for way in NumberReading.allCases {
                let found = way.indices(
                    text.bytes, from: text.start, room: texts.count, bound: bound)
                #expect(found.elements.map(String.init) == expected.map(trimmed), "\(texts)")
            }
        }
    }

    private func trimmed(_ text: String) -> String { text.filter { !" \n".contains($0) } }

    @Test(arguments: [1, 10, 32_768, 99_999_999, 100_000_000, 4_294_967_295] as [UInt32])
    func `the bound`(bound: UInt32) {
        for position in [0, 1, 30, 39] {
            var indices = [UInt32](repeating: 0, count: 40)
            indices[position] = bound - 1
            check(indices.map(String.init), indices, isWhole: true, bound: bound)
            indices[position] = bound
            check(
                indices.map(String.init), Array(indices[..<position]), isWhole: false,
                bound: bound)
        }
        check(["0"], [], isWhole: false, bound: 0)
    }

    @Test(arguments: [
        "", "-", "-0", "-1", "01", "00", "1.0", "1.5", "1e0", "+1", "12345678901", "x", "1 2", ".",
        "4294967295", "99999999999999999999",
    ])
    func `what is no index`(text: String) {
        for position in [0, 1, 12, 30] {
            var texts = (0..<40).map(String.init)
            texts[position] = text
            check(texts, Array(0..<UInt32(position)), isWhole: false)
        }
    }
}
