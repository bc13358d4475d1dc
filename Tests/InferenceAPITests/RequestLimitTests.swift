import Predictions
import Testing

@testable import InferenceAPI

@Suite struct RequestLimitTests {
    private func rows(_ count: Int, _ row: String = "[1,2,3]") -> String {
        let rows = [String](repeating: row, count: count).joined(separator: ",")
        return #"{"instances": [\#(rows)]}"#
    }

    @Test(arguments: [(6, true), (7, true), (8, false)])
    func `rows are limited`(count: Int, fits: Bool) throws {
        let limits = RequestLimits(maxRows: 7)
        if fits {
            #expect(try decode(rows(count), limits: limits).instanceCount == count)
        } else {
            #expect(
                Verdict(failure(rows(count), limits: limits))
                    == Verdict(413, "too_many_rows", "/instances"))
        }
    }

    @Test(arguments: [(11, true), (12, true), (13, false)])
    func `samples are limited`(samples: Int, fits: Bool) throws {
        let limits = RequestLimits(maxSamples: 12)
        let body = #"{"instances": [[1,2,3]], "parameters": {"samples": \#(samples)}}"#
        if fits {
            #expect(try decode(body, limits: limits).parameters.sampleCount == samples)
        } else {
            #expect(
                Verdict(failure(body, limits: limits))
                    == Verdict(422, "out_of_range", "/parameters/samples"))
        }
    }

    @Test func `top k goes up to the largest integer`() throws {
        let request = try decode(
            #"{"instances": [[1,2,3]], "parameters": {"top_k": \#(Int.max)}}"#)
        #expect(request.parameters.topK == .max)
        let body = #"{"instances": [[1,2,3]], "parameters": {"top_k": 9223372036854775808}}"#
        #expect(Verdict(failure(body)) == Verdict(422, "out_of_range", "/parameters/top_k"))
    }

    @Test(arguments: [-1, 0, 1])
    func `bodies are limited`(excess: Int) throws {
        let body = rows(2)
        let limits = RequestLimits(maxBodyBytes: body.utf8.count - excess)
        if excess <= 0 {
            #expect(try decode(body, limits: limits).instanceCount == 2)
        } else {
            #expect(
                failure(body, limits: limits)
                    == .bodyTooLarge(bytes: body.utf8.count, limit: body.utf8.count - 1))
        }
    }

    /// Wide integers are rewritten longer than they came; the body's limit still counts its own
    /// bytes.
    @Test(arguments: [-1, 0, 1])
    func `bodies of wide integers are limited by their own bytes`(excess: Int) throws {
        let row = [String](repeating: "100000000000000000000", count: 3_000)
        let body = #"{"instances": [[\#(row.joined(separator: ","))]]}"#
        let limits = RequestLimits(maxBodyBytes: body.utf8.count - excess)
        if excess <= 0 {
            let features = try decode(body, width: 3_000, limits: limits).features
            #expect(features == [Float](repeating: 1e20, count: 3_000))
        } else {
            #expect(failure(body, width: 3_000, limits: limits)?.code == "body_too_large")
        }
    }

    /// Dense rows count by their width, sparse ones by their indices: 3 + 2 + 3 + 2 numbers.
    @Test(arguments: [(9, false), (10, true), (11, true)])
    func `numbers are limited`(limit: Int, fits: Bool) throws {
        let limits = RequestLimits(maxFeatureCount: limit)
        let body = rows(2, #"[1, 2, 3], {"indices": [2, 0], "values": [0, 4]}"#)
        if fits {
            let request = try decode(body, limits: limits)
            #expect(request.features == [1, 2, 3, 4, 0, 0, 1, 2, 3, 4, 0, 0])
        } else {
            let error = failure(body, limits: limits)
            #expect(error == .tooManyFeatures(.body(RowReader.pointer), limit: limit))
            #expect(Verdict(error) == Verdict(413, "too_many_features", "/instances"))
        }
    }

    /// A row of a model that is known is not begun where there is no room for all of it.
    @Test(arguments: [(5, "too_many_features"), (6, "wrong_width")])
    func `dense rows are counted before they are read`(limit: Int, code: String) {
        let limits = RequestLimits(maxFeatureCount: limit)
        let body = #"{"instances": [[1, 2, 3], []]}"#
        #expect(failure(body, limits: limits, pathModel: "m")?.code == code)
    }

    @Test func `a width that overflows is too many features`() {
        #expect(failure(rows(2), width: .max)?.code == "too_many_features")
        let sparse = rows(1, #"{"indices": [7], "values": [1]}"#)
        #expect(failure(sparse, width: .max)?.code == "too_many_features")
        #expect(failure(sparse, width: Int(UInt32.max) + 1)?.code == "too_many_features")
        #expect(failure(sparse, width: Int(UInt32.max)) == nil)
    }

    /// As dense rows these would be 8 GiB.
    @Test func `a sparse row takes what it holds`() throws {
        let body = rows(4096, #"{"indices": [524287, 3, 77], "values": [1, 2, 3]}"#)
        let instances = try decode(body, width: 1 << 19).rows
        #expect(instances.dense.isEmpty)
        #expect(instances.columns == (0..<4096).flatMap { _ in [3, 77, 524_287] as [UInt32] })
        #expect(instances.values == (0..<4096).flatMap { _ in [2, 3, 1] as [Float] })
        #expect(instances.sparseCounts == [Int?](repeating: 3, count: 4096))
    }

    /// 100,000 levels would overflow the stack of a recursive reader; no request has five.
    @Test(arguments: [
        "[", #"{"instances": ["#, #"{"instances": [[["#, #"{"parameters": {"seed": ["#,
    ])
    func `deep nesting ends in an error`(start: String) {
        let body = Array((start + String(repeating: "[", count: 100_000)).utf8)
        let source = PiecewiseBody(body, sizes: [64])
        #expect(failure(source)?.code == "wrong_type")
        #expect(source.readBytes <= 2 * JSONReader.maxNumberBytes)
    }

    /// Numbers are as long as clients write them, and no longer.
    @Test(arguments: -1...1)
    func `the length of numbers is limited`(excess: Int) throws {
        let zeros = String(repeating: "0", count: JSONReader.maxNumberBytes + excess - 3)
        let body = #"{"instances": [[1, 0.\#(zeros)1, 3]]}"#
        if excess <= 0 {
            #expect(try decode(body).features == [1, 0, 3])
        } else {
            guard case .malformedJSON(_, let expected, let pointer) = failure(body) else {
                Issue.record("it is read")
                return
            }
            #expect(expected == .shorterNumber(maxBytes: JSONReader.maxNumberBytes))
            #expect(pointer.text == "/instances/0/1")
        }
    }

    @Test(arguments: [(255, true), (256, true), (257, false)])
    func `keys in pointers are limited`(length: Int, isNamed: Bool) {
        let key = String(repeating: "k", count: length)
        let error = failure(#"{"instances": [[1,2,3]], "parameters": {"\#(key)": 1}}"#)
        #expect(error?.pointer?.text == "/parameters" + (isNamed ? "/\(key)" : ""))
    }
}
