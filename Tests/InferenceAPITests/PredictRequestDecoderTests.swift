import Fixtures
import Predictions
import Testing

@testable import InferenceAPI

@Suite struct PredictRequestDecoderTests {
    @Test func `a dense request is read with defaults`() throws {
        let request = try decode(#"{"instances": [[0.5, -1, 2e2], [4, 5, 6]]}"#)
        #expect(request.model == nil)
        #expect(request.instanceCount == 2)
        #expect(request.inputWidth == 3)
        #expect(request.features == [0.5, -1, 200, 4, 5, 6])
        #expect(request.parameters == PredictParameters())
        #expect(request.parameters.topK == 5)
        #expect(request.parameters.sampleCount == nil)
        #expect(request.parameters.seeds == [0])
        #expect(request.parameters.estimator == .auto)
        #expect(request.parameters.outputs == [])
        #expect(request.parameters.tolerance == nil)
    }

    @Test func `every parameter is read`() throws {
        let request = try decode(
            #"""
            {"parameters": {"top_k": 4, "samples": 17, "seed": [18446744073709551615, 2],
             "estimator": "quasi-monte-carlo", "outputs": ["probabilities", "quantiles"],
             "tolerance": 0.01, "min_probability": 1},
             "instances": [[1, 2, 3], {"indices": [2, 0], "values": [7, 8.5]}], "model": "m"}
            """#)
        #expect(request.model == "m")
        #expect(request.features == [1, 2, 3, 8.5, 0, 7])
        #expect(request.parameters.topK == 4)
        #expect(request.parameters.sampleCount == 17)
        #expect(request.parameters.seeds == [.max, 2])
        #expect(request.parameters.seed(ofRow: 1) == 2)
        #expect(request.parameters.estimator == .only(.quasiMonteCarlo))
        #expect(request.parameters.outputs == [.probabilities, .quantiles])
        #expect(request.parameters.tolerance == 0.01)
        #expect(request.parameters.minProbability == 1)
    }

    @Test func `one seed serves all instances`() throws {
        let request = try decode(
            #"{"instances": [[1,2,3],[4,5,6]], "parameters": {"seed": 9}}"#)
        #expect(request.parameters.seeds == [9])
        #expect(request.parameters.seed(ofRow: 0) == 9)
        #expect(request.parameters.seed(ofRow: 1) == 9)
    }

    @Test func `the resolver gets the model and gives the width`() throws {
        let decoder = PredictRequestDecoder(limits: RequestLimits())
        let widths = ["a": 1, "b": 2]
        for (name, row) in [("a", "[1]"), ("b", "[1, 2]"), ("a", "[3]")] {
            let body = Array(#"{"instances": [\#(row)], "model": "\#(name)"}"#.utf8)
            let request = try decoder.decode(
                WholeBody(body), RequestTarget(),
                InputWidths(largest: 2) { model throws(RequestError) in
                    guard let width = widths[model ?? ""] else { throw .unknownModel(model ?? "") }
                    return width
                })
            #expect(request.inputWidth == widths[name])
        }
        let body = Array(#"{"instances": [[1]], "model": "c"}"#.utf8)
        #expect(throws: RequestError.unknownModel("c")) {
            try decoder.decode(
                WholeBody(body), RequestTarget(),
                InputWidths(largest: 2) { model throws(RequestError) in
                    throw .unknownModel(model ?? "")
                })
        }
    }

    @Test func `the path may name the model and the body repeat it`() throws {
        #expect(try decode(#"{"instances": [[1,2,3]]}"#, pathModel: "m").model == "m")
        let repeated = #"{"model": "m", "instances": [[1,2,3]]}"#
        #expect(try decode(repeated, pathModel: "m").model == "m")
        #expect(
            Verdict(failure(repeated, pathModel: "n")) == Verdict(400, "model_mismatch", "/model"))
    }

    @Test func `keys and names may be escaped`() throws {
        let request = try decode(#"{"inst\u0061nces": [[1,2,3]], "model": "\ud83d\ude00\n"}"#)
        #expect(request.model == "😀\n")
    }

    @Test func `an empty sparse row is zeros`() throws {
        let request = try decode(#"{"instances": [{"values": [], "indices": []}]}"#)
        #expect(request.features == [0, 0, 0])
    }

    @Test func `dense and sparse rows may be mixed`() throws {
        let body =
            #"{"instances": [[1, 2, 3], {"indices": [2, 0], "values": [-0.0, 5]}, [4, 5, 6]]}"#
        let instances = try decode(body).rows
        #expect(instances.dense == [1, 2, 3, 4, 5, 6])
        #expect(instances.columns == [0, 2])
        #expect(instances.values.map(\.bitPattern) == [Float(5).bitPattern, 0x8000_0000])
        #expect(instances.sparseCounts == [nil, 2, nil])
    }

    @Test func `marks of one sparse row do not reach the next`() throws {
        let row = #"{"indices": [0, 64, 129], "values": [1, 2, 3]}"#
        let request = try decode(#"{"instances": [\#(row), \#(row)]}"#, width: 130)
        var expected = [Float](repeating: 0, count: 260)
        for (index, value) in [(0, 1), (64, 2), (129, 3)] as [(Int, Float)] {
            expected[index] = value
            expected[130 + index] = value
        }
        #expect(request.features == expected)
    }

    /// A decoder is reused; what a large or bad document leaves behind must not matter.
    @Test func `a decoder is reusable`() throws {
        let decoder = PredictRequestDecoder(limits: RequestLimits())
        let small = Array(#"{"instances": [[1,2,3]]}"#.utf8)
        let row = "[" + [String](repeating: "1.5", count: 3).joined(separator: ",") + "]"
        let rows = [String](repeating: row, count: 4_000).joined(separator: ",     ")
        let padding = String(repeating: " ", count: 1 << 20)
        let large = Array(#"{"instances": [\#(rows)]\#(padding)}"#.utf8)
        for body in [small, large, Array("{".utf8), small, large, small] {
            let request = try? decoder.decode(
                WholeBody(body), RequestTarget(), InputWidths(largest: 3) { _ in 3 })
            #expect(
                request?.instanceCount == (body.count == 1 ? nil : body.count > 100 ? 4_000 : 1))
        }
    }

    /// The truth is the decimal's nearest double, rounded to float, which is what NumPy and
    /// JAX clients get from the same text.
    @Test func `features are the nearest float of the nearest double`() throws {
        var random = SeededRandom(seed: 5)
        for _ in 0..<200 {
            let texts = (0..<50).map { _ -> String in
                let digits = UInt64.random(in: 0...9_999_999_999_999_999, using: &random)
                let sign = Bool.random(using: &random) ? "-" : ""
                let exponent = Int.random(in: -65...22, using: &random)
                return "\(sign)0.\(digits)e\(exponent)"
            }
            let body = #"{"instances": [[\#(texts.joined(separator: ", "))]]}"#
            let expected = try texts.map { Float(try #require(Double($0))) }
            #expect(try decode(body, width: 50).features == expected)
        }
    }

    /// Doubles beside the middle between two floats, and decimals that are nearest to such a double
    /// by their last digits only: `Double.init` reads all of them, and rounds once.
    @Test func `decimals around the middle of two floats are exact`() throws {
        var random = SeededRandom(seed: 6)
        for _ in 0..<2_000 {
            let float = Float(
                bitPattern: UInt32.random(in: 0x0080_0000..<0x7F00_0000, using: &random))
            let middle = (Double(float) + Double(float.nextUp)) / 2
            let candidates = [middle, middle.nextUp, middle.nextDown]
            let near = candidates[Int.random(in: 0..<candidates.count, using: &random)]
            let digits = "\(near)".split(separator: "e")
            let mantissa = String(digits[0]) + (digits[0].contains(".") ? "" : ".")
            let tails = ["", "00000000000000000001", "4999999999999999", "5000000000000001"]
            let exponent = digits.count > 1 ? "e\(digits[1])" : ""
            let tail = tails[Int.random(in: 0..<tails.count, using: &random)]
            let text = "\(mantissa)\(tail)0\(exponent)"
            let expected = Float(try #require(Double(text)))
            #expect(
                try decode(#"{"instances": [[1, \#(text), -\#(text)]]}"#).features
                    == [1, expected, -expected])
        }
    }

    /// Small numbers, which are read several at a time, and between them others.
    @Test func `lists of short numbers are read exactly`() throws {
        var random = SeededRandom(seed: 7)
        let texts = ["0", "7", "-0", "10", "0.5", "12.25", "1e1", "-3", "9", "8", "1", "123456789"]
        for _ in 0..<2_000 {
            let chosen = (0..<40).map { _ in
                let isShort = Int.random(in: 0..<8, using: &random) > 0
                return isShort
                    ? "\(Int.random(in: 0...9, using: &random))"
                    : texts.randomElement(using: &random) ?? "0"
            }
            let spaced = chosen.joined(separator: Bool.random(using: &random) ? "," : " , ")
            let body = Array(#"{"instances": [[\#(spaced)]]}"#.utf8)
            let expected = chosen.map { Float($0) ?? .nan }.map(\.bitPattern)
            let cut = PiecewiseBody(body, sizes: [Int.random(in: 1...30, using: &random)])
            #expect(try decode(body, width: 40).features.map(\.bitPattern) == expected)
            #expect(try decode(cut, width: 40).features.map(\.bitPattern) == expected)
        }
    }

    @Test(
        arguments: [
            ("18446744073709551615", 0x1p64),
            ("18446744073709551616", 0x1p64),
            ("-9223372036854775808", -0x1p63),
            ("-9223372036854775809", -0x1p63),
            ("123456789012345678901234567890", 1.2345678901234567e29),
            ("1e-999", 0), ("-0.0", -0.0), ("5E+0", 5),
        ] as [(String, Double)])
    func `any number that a float holds is read`(text: String, value: Double) throws {
        let dense = #"{"instances": [[1, \#(text), 3]]}"#
        #expect(try decode(dense).features == [1, Float(value), 3])
        let sparse = #"{"instances": [{"indices": [1], "values": [\#(text)]}]}"#
        #expect(try decode(sparse).features == [0, Float(value), 0])
    }

    /// Numbers at the edge of doubles, with long and short exponents: 10^308 is a double, 10^309 is
    /// not, and neither is a float.
    @Test(arguments: [
        "1e308", "1e309", "1e0309", "1\(zeros(210))e98", "1\(zeros(210))e99", "1\(zeros(308))",
        "1\(zeros(309))", "1\(zeros(309)).5", "-1\(zeros(309))",
    ])
    func `what no double holds is not finite`(text: String) {
        #expect(
            Verdict(failure(#"{"instances": [[1, 2, 3], [1, \#(text), 3]]}"#))
                == Verdict(422, "not_finite", "/instances/1/1"))
    }

    private static func zeros(_ count: Int) -> String { String(repeating: "0", count: count) }

    /// 0.00…01 with an exponent that makes it 1.
    @Test func `many digits may still be a small number`() throws {
        let text = "0.\(Self.zeros(319))1e320"
        #expect(try decode(#"{"instances": [[1, 2, \#(text)]]}"#).features == [1, 2, 1])
    }

    /// The largest float is 2^128 − 2^104; from 2^128 − 2^103 on, halfway to 2^128, floats are
    /// infinite.
    @Test func `the edge of floats is exact`() throws {
        let edge = 0x1p128 - 0x1p103
        let inside = #"{"instances": [[\#(edge.nextDown), \#(-edge.nextDown), 0]]}"#
        let largest = Float.greatestFiniteMagnitude
        #expect(try decode(inside).features == [largest, -largest, 0])
        for text in ["\(edge)", "\(-edge)", "\(edge.nextUp)", "1e39", "1e999", "-1e999"] {
            #expect(
                Verdict(failure(#"{"instances": [[1, 2, \#(text)]]}"#))
                    == Verdict(422, "not_finite", "/instances/0/2"))
        }
    }
}
