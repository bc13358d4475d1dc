import Fixtures
import Testing

@testable import InferenceAPI

@Suite struct FloatTextTests {
    private func bytes(_ value: Float) -> [UInt8] {
        [UInt8](capacity: FloatText.maxBytes) { FloatText.append(value, to: &$0) }
    }

    private func text(_ value: Float) -> String {
        String(decoding: bytes(value), as: UTF8.self)
    }

    /// The digits of a number without point, exponent and outer zeros.
    private func significantDigits(_ text: some Sequence<UInt8>) -> [UInt8] {
        let mantissa = text.prefix { $0 != UInt8(ascii: "e") }
        var digits = Array(mantissa.filter { (0x30...0x39).contains($0) }.drop { $0 == 0x30 })
        while digits.last == 0x30 { digits.removeLast() }
        return digits
    }

    /// Fits `maxBytes` (or else stops the test), reads back as the same bits, follows RFC
    /// 8259's grammar, and has the digits of the standard library's own shortest form.
    private func check(_ value: Float) {
        let bytes = bytes(value)
        let text = String(decoding: bytes, as: UTF8.self)
        let isExact = Float(text)?.bitPattern == value.bitPattern
        let isShortest = significantDigits(bytes) == significantDigits(value.description.utf8)
        if !isExact || !isJSONNumber(bytes) || !isShortest {
            Issue.record("\(text) for \(value.description)")
        }
    }

    @Test(arguments: [
        "0", "-0", "0.0", "10", "1e5", "1E-05", "1.50e+10",
    ]) func `the grammar check takes numbers`(text: String) {
        #expect(isJSONNumber(Array(text.utf8)))
    }

    @Test(arguments: [
        "", "-", "01", "+1", ".5", "1.", "1e", "1e+", "inf", "nan", "1 ", "0x1", "1.0.0", "--1",
    ]) func `the grammar check refuses the rest`(text: String) {
        #expect(!isJSONNumber(Array(text.utf8)))
    }

    @Test func `random bit patterns read back`() {
        var random = SeededRandom(seed: 21)
        for _ in 0..<60_000 {
            let value = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
            if value.isFinite { check(value) }
        }
    }

    @Test func `subnormals read back`() {
        var random = SeededRandom(seed: 22)
        for bits in 1..<UInt32(2_000) { check(Float(bitPattern: bits)) }
        for _ in 0..<10_000 {
            check(Float(bitPattern: UInt32.random(in: 1..<0x80_0000, using: &random)))
        }
    }

    /// Around powers of two the distance to the neighbours differs from one side to the other.
    @Test func `powers of two and their neighbours read back`() {
        for exponent in UInt32(0)..<255 {
            for bits in [exponent << 23, exponent << 23 + 1, (exponent + 1) << 23 - 1] {
                check(Float(bitPattern: bits))
                check(-Float(bitPattern: bits))
            }
        }
    }

    /// Decimals of few digits are what people and models write.
    @Test func `short decimals read back`() {
        for exponent in -45...38 {
            for digits in 1..<100 {
                let value = Float("\(digits)e\(exponent)") ?? 0
                if value.isFinite { check(value) }
            }
        }
    }

    @Test func `probabilities read back`() {
        var random = SeededRandom(seed: 23)
        for _ in 0..<20_000 { check(Float.random(in: 0...1, using: &random)) }
    }

    @Test(
        arguments: [
            (0, "0.0"), (-0.0, "-0.0"), (1, "1.0"), (0.1, "0.1"), (0.5, "0.5"), (100, "100.0"),
            (0.0001, "0.0001"), (0.00001, "1e-05"), (0.00012345, "0.00012345"), (1.5e-7, "1.5e-07"),
            (123_456.7, "123456.7"), (16_777_216, "16777216.0"),
            (Float(1e9).nextDown, "999999940.0"),
            (1e9, "1e+09"), (-2.5, "-2.5"), (3.4028235e38, "3.4028235e+38"),
            (.leastNonzeroMagnitude, "1e-45"),
            (1.1754944e-38, "1.1754944e-38"),
        ] as [(Float, String)])
    func `notation`(value: Float, expected: String) {
        #expect(text(value) == expected)
    }
}
