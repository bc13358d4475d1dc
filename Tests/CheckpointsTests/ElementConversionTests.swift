import Checkpoints
import Testing

/// Bit patterns to numbers, held against the formats' definitions in Double.
@Suite struct ElementConversionTests {
    private func tensor(
        _ descriptor: String, count: Int, _ data: [UInt8]
    ) throws -> Tensor {
        let writer = ArrayWriter(descriptor: "'\(descriptor)'", shape: "(\(count),)", data: data)
        return try #require(try Checkpoint.read(writer.bytes, name: "a.npy")[""])
    }

    /// The value of a binary format of `exponentBits` and `fractionBits`, by IEEE 754, 3.4.
    private func value(_ bits: UInt16, exponentBits: Int, fractionBits: Int) -> Double {
        let fraction = Double(Int(bits) & (1 << fractionBits - 1))
        let exponent = Int(bits) >> fractionBits & (1 << exponentBits - 1)
        let bias = 1 << (exponentBits - 1) - 1
        let sign: Double = bits >> 15 == 1 ? -1 : 1
        let scale = Double(1 << fractionBits)
        switch exponent {
        case 0: return sign * power(of2: 1 - bias) * (fraction / scale)
        case 1 << exponentBits - 1: return fraction == 0 ? sign * .infinity : .nan
        default: return sign * power(of2: exponent - bias) * (1 + fraction / scale)
        }
    }

    private func power(of2 exponent: Int) -> Double {
        Double(sign: .plus, exponent: exponent, significand: 1)
    }

    /// Both formats lie inside float32, so every value is exact; the test tries all of them.
    @Test(arguments: [("<f2", 5, 10), ("|V2", 8, 7), ("<V2", 8, 7)])
    func `every half width pattern is exact`(type: String, exponent: Int, fraction: Int) throws {
        let patterns = (0...UInt16.max).map { $0 }
        let tensor = try tensor(type, count: patterns.count, patterns.flatMap { little($0) })
        #expect(tensor.elementType == (type == "<f2" ? .float16 : .bfloat16))
        let floats = try tensor.floats()
        let doubles = try tensor.doubles()
        var wrong = 0
        for (index, bits) in patterns.enumerated() {
            let expected = value(bits, exponentBits: exponent, fractionBits: fraction)
            let isRight =
                expected.isNaN
                ? floats[index].isNaN && doubles[index].isNaN
                : Double(floats[index]) == expected && doubles[index] == expected
                    && floats[index].sign == expected.sign
            if !isRight { wrong += 1 }
        }
        #expect(wrong == 0)
    }

    @Test func `doubles are rounded to nearest even`() throws {
        // 1 + 2⁻²⁴ is halfway between 1 and its successor, 1 + 3·2⁻²⁴ between that and the next.
        let values = [
            0.1, 1 + power(of2: -24), 1 + 3 * power(of2: -24), 1e300, -1e300, power(of2: -149),
            power(of2: -151), -.infinity,
        ]
        let tensor = try tensor(
            "<f8", count: values.count, values.flatMap { little($0.bitPattern) })
        let expected: [Float] = [
            0x1.99999ap-4, 1, 1 + 0x1p-22, .infinity, -.infinity, 0x1p-149, 0, -.infinity,
        ]
        #expect(try tensor.floats() == expected)
        #expect(try tensor.doubles() == values)
        let notANumber = try self.tensor("<f8", count: 1, little(Double.nan.bitPattern))
        #expect(try notANumber.floats()[0].isNaN)
    }

    @Test(
        arguments: [
            ("<i8", [0xf9, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], -7),
            ("<i4", [0xf9, 0xff, 0xff, 0xff], -7), ("<i2", [0xf9, 0xff], -7), ("|i1", [0xf9], -7),
            ("<u8", [1, 2, 0, 0, 0, 0, 0, 0], 513),
            ("<u4", [0xff, 0xff, 0xff, 0xff], 4_294_967_295),
            ("<u2", [0xff, 0xff], 65_535), ("|u1", [0xf9], 249), ("|b1", [1], 1), ("|b1", [0], 0),
            ("|b1", [2], 1), (">i8", [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xf9], -7),
            (">i4", [0, 0, 1, 2], 258), (">u2", [1, 2], 258),
            (">u8", [0, 0, 0, 0, 0, 0, 1, 0], 256),
        ] as [(String, [UInt8], Int64)])
    func `integers of every width and order`(type: String, data: [UInt8], expected: Int64) throws {
        let tensor = try tensor(type, count: 1, data)
        #expect(try tensor.integers() == [expected])
        #expect(try tensor.doubles() == [Double(expected)])
        #expect(try tensor.floats() == [Float(expected)])
    }

    @Test func `big-endian floats are swapped`() throws {
        let single = try tensor(">f4", count: 2, [0x3f, 0x80, 0, 0, 0xc0, 0x20, 0, 0])
        #expect(try single.floats() == [1, -2.5])
        let double = try tensor(">f8", count: 1, [0x3f, 0xf0, 0, 0, 0, 0, 0, 0])
        #expect(try double.doubles() == [1])
        let half = try tensor(">f2", count: 1, [0x3c, 0])
        #expect(try half.floats() == [1])
    }

    @Test func `floats are no integers`() throws {
        for type in ["<f8", "<f4", "<f2", "<V2"] {
            let tensor = try tensor(type, count: 0, [])
            let defect = TensorDefect.notIntegers(tensor.elementType)
            #expect(throws: CheckpointError.tensor(path: "a.npy", name: "", defect: defect)) {
                try tensor.integers()
            }
        }
    }

    @Test func `large unsigned integers are refused as signed`() throws {
        let limit = try tensor("<u8", count: 1, little(UInt64(Int64.max)))
        #expect(try limit.integers() == [Int64.max])
        let above = try tensor("<u8", count: 1, little(UInt64(Int64.max) + 1))
        let defect = TensorDefect.integerTooLarge(UInt64(Int64.max) + 1)
        #expect(throws: CheckpointError.tensor(path: "a.npy", name: "", defect: defect)) {
            try above.integers()
        }
        #expect(try above.doubles() == [0x1p63])
        #expect(try above.floats() == [0x1p63])
    }
}
