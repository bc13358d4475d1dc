import Fixtures
import Predictions
import Testing

@testable import InferenceAPI

/// Arrays that are taken: their rows are what the format's description says.
@Suite struct ArrayRequestTests {
    private static let matrix: [Float] = [11, 12, 13, 21, 22, -0.0]
    /// The same columns one after the other.
    private static let columns: [Float] = [11, 21, 12, 22, 13, -0.0]

    @Test(arguments: [1, 2, 3] as [UInt8])
    func `all versions are read`(major: UInt8) throws {
        let array = ArrayBytes(version: (major, 0), data: elements(Self.matrix))
        let request = try decode(array)
        #expect(request.encoder.fields == .array)
        #expect(request.model == nil)
        #expect(request.parameters == PredictParameters())
        #expect(request.rows.width == 3)
        #expect(request.rows.sparseCounts == [nil, nil])
        #expect(request.rows.dense.map(\.bitPattern) == Self.matrix.map(\.bitPattern))
    }

    @Test(arguments: [("False", matrix), ("True", columns)])
    func `all types and orders give the same rows`(order: String, stored: [Float]) throws {
        let doubles = stored.map { Double($0).bitPattern }
        let forms: [(String, [UInt8])] = [
            ("'<f4'", stored.flatMap { littleEndian($0.bitPattern) }),
            ("'>f4'", stored.flatMap { bigEndian($0.bitPattern) }),
            ("'<f8'", doubles.flatMap(littleEndian)), ("'>f8'", doubles.flatMap(bigEndian)),
            ("'<f2'", stored.flatMap { littleEndian(Float16($0).bitPattern) }),
            ("'>f2'", stored.flatMap { bigEndian(Float16($0).bitPattern) }),
        ]
        for (descriptor, data) in forms {
            let array = ArrayBytes(descriptor: descriptor, fortranOrder: order, data: data)
            let rows = try decode(array).rows.dense
            #expect(rows.map(\.bitPattern) == Self.matrix.map(\.bitPattern), "\(descriptor)")
        }
    }

    /// Sizes around those of a vector's lanes, each value its own place.
    @Test(arguments: [1, 2, 3, 7, 15, 16, 17, 31, 32, 33])
    func `every size is read in order`(rowCount: Int) throws {
        for width in [1, 2, 3, 4, 5, 8, 15, 16, 17, 31, 32, 33] {
            let rows = (0..<rowCount * width).map { Float($0) }
            let columns = (0..<width).flatMap { column in
                (0..<rowCount).map { row in rows[row * width + column] }
            }
            for (order, values) in [("False", rows), ("True", columns)] {
                var array = ArrayBytes(fortranOrder: order, shape: "(\(rowCount), \(width))")
                array.data = elements(values)
                #expect(try decode(array, width: width).rows.dense == rows)
                (array.descriptor, array.data) = ("'<f8'", elements(values.map(Double.init)))
                #expect(try decode(array, width: width).rows.dense == rows)
                // Whole numbers up to 2,048 are float16's too.
                array.descriptor = "'>f2'"
                array.data = values.flatMap { bigEndian(Float16($0).bitPattern) }
                #expect(try decode(array, width: width).rows.dense == rows)
            }
        }
    }

    /// A piece holds parts of columns, or several of them, and ends within an element.
    @Test(arguments: [[1], [4, 9], [64], [1000, 3], [4096]])
    func `columns may be cut anywhere`(sizes: [Int]) throws {
        for (rowCount, width) in [(1, 300), (3, 100), (17, 18), (100, 3), (300, 1)] {
            let rows = (0..<rowCount * width).map { Float($0) }
            let columns = (0..<width).flatMap { column in
                (0..<rowCount).map { row in rows[row * width + column] }
            }
            var array = ArrayBytes(fortranOrder: "True", shape: "(\(rowCount), \(width))")
            array.data = elements(columns)
            let body = PiecewiseBody(array.bytes, sizes: sizes)
            #expect(try decode(array: body, width: width).rows.dense == rows)
        }
    }

    /// All 2¹⁶ patterns, against binary16 of IEEE 754: sign, 5 bits of exponent with bias 15, 10
    /// bits of fraction. Every finite one is a float as it is.
    @Test(arguments: ["<", ">"]) func `every float16 is read exactly`(order: String) throws {
        let patterns = (UInt16.min...UInt16.max).map { $0 }
        let isFinite = { (bits: UInt16) in bits >> 10 & 0x1f != 0x1f }
        let finite = patterns.filter(isFinite)
        let lay = { (bits: UInt16) in order == "<" ? littleEndian(bits) : bigEndian(bits) }
        var array = ArrayBytes(descriptor: "'\(order)f2'", shape: "(1, \(finite.count))")
        array.data = finite.flatMap(lay)
        let values = finite.map { bits in
            let (exponent, fraction) = (Int(bits >> 10 & 0x1f), Double(bits & 0x3ff) / 1024)
            let magnitude =
                exponent == 0
                ? fraction * 0x1p-14
                : Double(sign: .plus, exponent: exponent - 15, significand: 1 + fraction)
            return bits >> 15 == 1 ? -magnitude : magnitude
        }
        let rows = try decode(array, width: finite.count).rows.dense
        #expect(rows.map(\.bitPattern) == values.map { Float($0).bitPattern })
        array.shape = "(1, 3)"
        for bits in patterns where !isFinite(bits) {
            array.data = [0, 0] + lay(bits) + [0, 0]
            #expect(failure(array) == .notFinite(.element(row: 0, column: 1)))
        }
    }

    /// A header may have any length, so that elements lie at any address.
    @Test func `elements need no alignment`() throws {
        for padding in 0..<16 {
            var array = ArrayBytes(data: elements(Self.matrix))
            array.header =
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}"
                + String(repeating: " ", count: padding)
            #expect(try decode(array).rows.dense == Self.matrix)
            array.header = array.header?.replacing("<f4", with: "<f8")
            array.data = elements(Self.matrix.map(Double.init))
            #expect(try decode(array).rows.dense == Self.matrix)
        }
    }

    /// float64 is rounded once, to the nearest: the truth is Swift's own conversion, which JSON's
    /// numbers go through as well.
    @Test func `doubles are the nearest floats`() throws {
        var random = SeededRandom(seed: 7)
        let values = (0..<3000).map { _ in
            Double.random(in: -1...1, using: &random)
                * Double(
                    sign: .plus, exponent: Int.random(in: -160...126, using: &random),
                    significand: 1)
        }
        var array = ArrayBytes(descriptor: "'<f8'", shape: "(1000, 3)", data: elements(values))
        let rows = try decode(array).rows.dense
        #expect(rows.map(\.bitPattern) == values.map { Float($0).bitPattern })
        let texts = stride(from: 0, to: values.count, by: 3).map { "\(Array(values[$0..<$0 + 3]))" }
        let json = try decode(#"{"instances": [\#(texts.joined(separator: ","))]}"#)
        #expect(json.rows == (try decode(array).rows))
        // 2¹²⁸ − 2¹⁰³ is halfway to 2¹²⁸ and the first that rounds to infinity.
        let edge = 0x1p128 - 0x1p103
        array.shape = "(1, 3)"
        array.data = elements([edge.nextDown, -edge.nextDown, 0x1p-150])
        let largest = Float.greatestFiniteMagnitude
        #expect(try decode(array).rows.dense == [largest, -largest, 0])
        array.data = elements([0, -edge, 0])
        #expect(failure(array) == .notFinite(.element(row: 0, column: 1)))
    }

    @Test func `the query has the rest`() throws {
        let array = ArrayBytes(data: elements(Self.matrix))
        let request = try decode(
            array, query: "model=m&top_k=3&samples=10&seed=1,2&outputs=probabilities")
        #expect(request.model == "m")
        #expect(request.parameters.topK == 3)
        #expect(request.parameters.sampleCount == 10)
        #expect(request.parameters.seeds == [1, 2])
        #expect(request.parameters.outputs == [.probabilities])
        #expect(failure(array, query: "seed=1,2,3")?.code == "seed_count")
        #expect(failure(array, query: "topk=3")?.code == "unknown_key")
    }

    @Test func `the path may name the model and the query repeat it`() throws {
        let array = ArrayBytes(data: elements(Self.matrix))
        #expect(try decode(array, pathModel: "m").model == "m")
        #expect(try decode(array, query: "model=m", pathModel: "m").model == "m")
        let error = failure(array, query: "model=n", pathModel: "m")
        #expect(Verdict(error) == Verdict(400, "model_mismatch", nil))
        #expect(
            error?.description == "the path names model 'm', query parameter 'model' 'n'")
    }

    /// A parameter there would have no effect.
    @Test(arguments: [
        (nil, true), ("", true), ("&", true), ("top_k=3", false), ("&x", false), ("=", false),
    ])
    func `a JSON body takes no query`(query: String?, isTaken: Bool) throws {
        let body = Array(#"{"instances": [[1, 2, 3]]}"#.utf8)
        let decoder = PredictRequestDecoder(limits: RequestLimits())
        if isTaken {
            _ = try decoder.decode(
                WholeBody(body), RequestTarget(query: query), InputWidths(largest: 3) { _ in 3 })
        } else {
            #expect {
                try decoder.decode(
                    WholeBody(body), RequestTarget(query: query), InputWidths(largest: 3) { _ in 3 }
                )
            } throws: { Verdict($0 as? RequestError) == Verdict(400, "query_beside_json", nil) }
        }
    }
}
