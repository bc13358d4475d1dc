import CNumberText
import Fixtures
import Predictions
import Testing

@testable import InferenceAPI

/// Lists of numbers, read many at a time, against the standard library's own reading of each.
@Suite struct NumberListTests {
    private func check(
        _ numbers: [String], separator: String = ",", before: Int = 40,
        _ location: SourceLocation = #_sourceLocation
    ) {
        let text = ListText(numbers, separator: separator, before: before)
        let expected = numbers.map { nearestFloat($0).bitPattern }
        for way in NumberReading.allCases {
            let found = way.floats(text.bytes, from: text.start, room: numbers.count)
            #expect(found.end == CNT_CLOSED && found.keepsRoom, sourceLocation: location)
            #expect(found.offset == text.bytes.count, sourceLocation: location)
            if found.bits == expected { continue }
            let first = zip(found.bits, expected).enumerated().first { $1.0 != $1.1 }?.offset
            Issue.record(
                "\(way): \(first.map { numbers[$0] } ?? "the count")", sourceLocation: location)
        }
    }

    /// All texts of so many of these characters.
    private func texts(_ count: Int, of characters: String) -> [String] {
        count == 0
            ? [""]
            : texts(count - 1, of: characters).flatMap { text in
                characters.map { text + String($0) }
            }
    }

    @Test func `every number of four characters or fewer`() {
        let numbers = (1...4).flatMap { texts($0, of: "0123456789.-e") }
            .filter { isJSONNumber(Array($0.utf8)) && nearestFloat($0).isFinite }
        #expect(numbers.count > 14_000)
        check(numbers)
        check(numbers.reversed(), separator: ", ")
    }

    @Test func `numbers of five characters`() {
        let parts = texts(2, of: "0159.-e+E")
        let numbers = parts.flatMap { first in
            parts.flatMap { last in "0259.e".map { first + String($0) + last } }
        }.filter { isJSONNumber(Array($0.utf8)) && nearestFloat($0).isFinite }
        #expect(numbers.count > 2_500)
        check(numbers)
        check((0...99_999).map(String.init))
        check((0...99_999).map { "0." + String(100_000 + $0).dropFirst() })
    }

    /// A text that is no number, or none that a float holds, among many that are, ends the reading
    /// right before it.
    @Test func `every other text of five characters or fewer`() {
        for text in (0...5).flatMap({ texts($0, of: "01.-e ") }) {
            let number = text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
            let isNumber =
                isJSONNumber(Array(String(number).utf8)) && nearestFloat(String(number)).isFinite
            var list = (0..<24).map { "\($0).5" }
            list[7] = text
            let bytes = ListText(list)
            let expected = list[..<(isNumber ? 24 : 7)].map {
                nearestFloat($0.filter { $0 != " " }).bitPattern
            }
            for way in NumberReading.allCases {
                let found = way.floats(bytes.bytes, from: bytes.start, room: 24)
                let isRight = found.bits == expected && (found.end == CNT_CLOSED) == isNumber
                if !isRight { Issue.record("\(way): \"\(text)\"") }
            }
        }
    }

    /// Numbers of which plain ones are converted in words of eight digits, up to four of them.
    @Test func `any count of digits`() {
        var random = SeededRandom(seed: 31)
        // 10^38 is the largest power that a float holds.
        for integral in 1...38 {
            let numbers = (0...40).map { fraction in
                digits(integral, from: 1, &random)
                    + (fraction == 0 ? "" : "." + digits(fraction, from: 0, &random))
            }
            check(numbers)
            for number in numbers { check([String](repeating: "-" + number, count: 8)) }
            check(
                numbers.map { "0." + digits(integral, from: 0, &random) + $0.filter { $0 != "." } })
        }
    }

    private func digits(_ count: Int, from first: Int, _ random: inout SeededRandom) -> String {
        (0..<count).map { place in
            String(Int.random(in: (place == 0 ? first : 0)...9, using: &random))
        }.joined()
    }

    /// Decimals halfway between two floats, of any count of digits, and their neighbours.
    @Test func `numbers around the middle of two floats`() {
        var random = SeededRandom(seed: 32)
        var numbers: [String] = []
        for _ in 0..<6_000 {
            // 25 bits, the last of them set: as many as a float has, and half of its last one.
            let odd = UInt64.random(in: 1 << 23..<1 << 24, using: &random) * 2 + 1
            let shift = Int.random(in: 0...40, using: &random)
            // The exact value is odd / 2^shift, which has as many decimals.
            let whole = odd >> UInt64(shift)
            var (rest, decimals) = (odd & (1 << UInt64(shift) - 1), "")
            for _ in 0..<shift {
                rest *= 10
                decimals += String(rest >> UInt64(shift))
                rest &= 1 << UInt64(shift) - 1
            }
            let exact = "\(whole)" + (shift == 0 ? "" : ".\(decimals)")
            let cut = exact.dropLast(Int.random(in: 0...3, using: &random))
            numbers.append(cut.last == "." ? exact : String(cut))
            if shift > 0 { numbers.append(exact + "0001") }
            numbers.append("-" + exact)
        }
        check(numbers)
    }

    private func number(_ random: inout SeededRandom) -> String {
        let value = Double.random(in: -1...1, using: &random)
        let digits = String(UInt64.random(in: 0...UInt64.max, using: &random))
        switch Int.random(in: 0..<7, using: &random) {
        case 0: return String(Int.random(in: 0...255, using: &random))
        case 1: return "\(value)"
        case 2: return "0." + digits
        case 3: return "-\(digits.prefix(Int.random(in: 1...19, using: &random)))"
        case 4: return digits.prefix(3) + "." + digits.dropFirst(3).prefix(6)
        case 5:
            return "\(Float(bitPattern: UInt32(truncatingIfNeeded: random.next()) & 0x7F7F_FFFF))"
        default: return "\(Float(value))"
        }
    }

    @Test(arguments: [",", ", ", " , ", ",\n"])
    func `many numbers of many kinds`(separator: String) {
        var random = SeededRandom(seed: 33)
        for count in [1, 2, 7, 60, 64, 65, 4096, 40_000] {
            check(
                (0..<count).map { _ in number(&random) }, separator: separator, before: count % 37)
        }
    }

    /// Of a list that is longer than the room, as many are read as fit.
    @Test func `room for any count`() {
        let numbers = (0..<90).map { $0 % 3 == 0 ? "\($0)" : "\($0).25" }
        let text = ListText(numbers)
        for room in 0...91 {
            let count = min(room, 90)
            for way in NumberReading.allCases {
                let found = way.floats(text.bytes, from: text.start, room: room)
                #expect(found.bits == numbers[..<count].map { nearestFloat($0).bitPattern })
                #expect(found.end == (room < 90 ? CNT_FULL : CNT_CLOSED) && found.keepsRoom)
                let behind = numbers[..<count].reduce(text.start) { $0 + $1.utf8.count + 1 }
                #expect(found.offset == behind)
            }
        }
    }

    /// All is read but the number that is cut off or whose end is.
    @Test func `texts that end anywhere`() {
        let numbers = (0..<30).map { ["\($0)", "\($0).5", "-\($0).125", "1e\($0)"][$0 % 4] }
        let text = ListText(numbers)
        for end in text.start...text.bytes.count {
            let bytes = Array(text.bytes[..<end])
            let whole = bytes.count { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "]") }
            for way in NumberReading.allCases {
                let found = way.floats(bytes, from: text.start, room: 30)
                #expect(found.bits == numbers[..<whole].map { nearestFloat($0).bitPattern })
                #expect(found.end == (end == text.bytes.count ? CNT_CLOSED : CNT_STOPPED))
            }
        }
    }

    @Test func `bodies in pieces of any length`() throws {
        let dense = (0..<40).map { ["\($0)", "0.\($0)25", "-\($0).5e-1", " 12345678"][$0 % 4] }
        let indices = (0..<40).map { "\(($0 * 7) % 40)" }.joined(separator: ",")
        let row = dense.joined(separator: ",")
        let sparse = #"{"indices": [\#(indices)], "values": [\#(row)]}"#
        let body = Array(#"{"instances": [[\#(row)], \#(sparse)]}"#.utf8)
        let expected = try decode(body, width: 40).rows
        for cut in 1..<body.count {
            let pieces = PiecewiseBody(body, sizes: [cut, body.count])
            #expect(try decode(pieces, width: 40).rows == expected)
        }
    }

    /// More than the count up to which arrays grow by doubling.
    @Test func `a long row`() throws {
        let count = 1 << 20 + 100
        let row = (0..<count).map { String($0 % 10) }.joined(separator: ",")
        let features = try decode("{\"instances\": [[\(row)]]}", width: count).rows.dense
        #expect(features == (0..<count).map { Float($0 % 10) })
    }
}
