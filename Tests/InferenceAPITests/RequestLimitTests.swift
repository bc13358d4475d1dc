import Testing

@testable import InferenceAPI

@Suite struct RequestLimitTests {
    private func rows(_ count: Int, _ row: String = "[1,2,3]") -> String {
        let rows = [String](repeating: row, count: count).joined(separator: ",")
        return #"{"instances": [\#(rows)]}"#
    }

    @Test(arguments: [(6, true), (7, true), (8, false)])
    func rowsAreLimited(count: Int, fits: Bool) throws {
        let limits = RequestLimits(maximumRows: 7)
        if fits {
            #expect(try decode(rows(count), limits: limits).instanceCount == count)
        } else {
            #expect(
                Verdict(failure(rows(count), limits: limits))
                    == Verdict(413, "too_many_rows", "/instances"))
        }
    }

    @Test(arguments: [(11, true), (12, true), (13, false)])
    func samplesAreLimited(samples: Int, fits: Bool) throws {
        let limits = RequestLimits(maximumSamples: 12)
        let body = #"{"instances": [[1,2,3]], "parameters": {"samples": \#(samples)}}"#
        if fits {
            #expect(try decode(body, limits: limits).parameters.samples == samples)
        } else {
            #expect(
                Verdict(failure(body, limits: limits))
                    == Verdict(422, "out_of_range", "/parameters/samples"))
        }
    }

    @Test func topKGoesUpToTheLargestInteger() throws {
        let request = try decode(
            #"{"instances": [[1,2,3]], "parameters": {"top_k": \#(Int.max)}}"#)
        #expect(request.parameters.topK == .max)
        let body = #"{"instances": [[1,2,3]], "parameters": {"top_k": 9223372036854775808}}"#
        #expect(Verdict(failure(body)) == Verdict(422, "out_of_range", "/parameters/top_k"))
    }

    @Test(arguments: [-1, 0, 1])
    func bodiesAreLimited(excess: Int) throws {
        let body = rows(2)
        let limits = RequestLimits(maximumBodyBytes: body.utf8.count - excess)
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
    func bodiesOfWideIntegersAreLimitedByTheirOwnBytes(excess: Int) throws {
        let row = [String](repeating: "100000000000000000000", count: 3_000)
        let body = #"{"instances": [[\#(row.joined(separator: ","))]]}"#
        let limits = RequestLimits(maximumBodyBytes: body.utf8.count - excess)
        if excess <= 0 {
            let features = try decode(body, width: 3_000, limits: limits).features
            #expect(features == [Float](repeating: 1e20, count: 3_000))
        } else {
            #expect(failure(body, width: 3_000, limits: limits)?.code == "body_too_large")
        }
    }

    @Test(arguments: [(23, false), (24, true), (25, true)])
    func featuresAreLimited(limit: Int, fits: Bool) throws {
        let limits = RequestLimits(maximumFeatureCount: limit)
        let body = rows(2, #"{"indices": [], "values": []}"#)
        if fits {
            #expect(try decode(body, width: 12, limits: limits).features.count == 24)
        } else {
            #expect(
                failure(body, width: 12, limits: limits)
                    == .tooManyFeatures(rows: 2, width: 12, limit: limit))
        }
    }

    @Test func aWidthThatOverflowsIsTooManyFeatures() {
        #expect(failure(rows(2), width: .max)?.code == "too_many_features")
    }

    @Test(arguments: [(63, "unknown_key"), (64, "unknown_key"), (65, "nested_too_deeply")])
    func nestingIsLimited(depth: Int, code: String) {
        // The object is the first level.
        let arrays = depth - 1
        let brackets = String(repeating: "[", count: arrays)
        let body = #"{"x": \#(brackets)1\#(String(repeating: "]", count: arrays))}"#
        #expect(failure(body)?.code == code)
        #expect(failure(body)?.status == 400)
    }

    /// 100,000 levels would overflow the stack of a recursive reader.
    @Test func deepNestingEndsInAnError() {
        let body = String(repeating: "[", count: 100_000)
        #expect(failure(body)?.code == "nested_too_deeply")
        #expect(failure(body)?.pointer?.text == String(repeating: "/0", count: 63) + "/0")
    }

    @Test(arguments: [(255, true), (256, true), (257, false)])
    func keysInPointersAreLimited(length: Int, isNamed: Bool) {
        let key = String(repeating: "k", count: length)
        let error = failure(#"{"instances": [[1,2,3]], "parameters": {"\#(key)": 1}}"#)
        #expect(error?.pointer?.text == "/parameters" + (isNamed ? "/\(key)" : ""))
    }
}
