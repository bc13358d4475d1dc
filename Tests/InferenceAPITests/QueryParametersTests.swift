import Predictions
import Testing

@testable import InferenceAPI

@Suite struct QueryParametersTests {
    private func failure(_ query: String, limits: RequestLimits = RequestLimits()) -> Verdict? {
        do {
            _ = try QueryParameters(query, limits: limits)
            return nil
        } catch {
            return Verdict(error)
        }
    }

    @Test func `an empty query has the defaults`() throws {
        let query = try QueryParameters("", limits: RequestLimits())
        #expect(query.model == nil)
        #expect(try query.parameters(instanceCount: 4) == PredictParameters())
    }

    @Test func `every parameter is read`() throws {
        let query = try QueryParameters(
            "model=a%2Fb%20%C3%A9+c&top_k=3&samples=10&seed=1,18446744073709551615"
                + "&estimator=monte-carlo&outputs=probabilities,quantiles&tolerance=1e-3"
                + "&min_probability=0.25",
            limits: RequestLimits())
        #expect(query.model == "a/b é+c")
        let parameters = try query.parameters(instanceCount: 2)
        #expect(parameters.topK == 3)
        #expect(parameters.sampleCount == 10)
        #expect(parameters.seeds == [1, .max])
        #expect(parameters.estimator == .only(.monteCarlo))
        #expect(parameters.outputs == [.probabilities, .quantiles])
        #expect(parameters.tolerance == 0.001)
        #expect(parameters.minProbability == 0.25)
    }

    @Test func `one seed serves any number of rows`() throws {
        let query = try QueryParameters("seed=%37", limits: RequestLimits())
        #expect(try query.parameters(instanceCount: 9).seeds == [7])
    }

    @Test(arguments: [(1, false), (2, true), (3, false)])
    func `a list of seeds has one for each row`(rows: Int, fits: Bool) throws {
        let query = try QueryParameters("seed=1,2", limits: RequestLimits())
        if fits {
            #expect(try query.parameters(instanceCount: rows).seeds == [1, 2])
        } else {
            #expect(
                throws: RequestError.seedCount(.query("seed"), found: .exactly(2), instances: rows)
            ) { try query.parameters(instanceCount: rows) }
        }
    }

    @Test(arguments: [
        ("foo=1", 400, "unknown_key"), ("=1", 400, "unknown_key"), ("Top_k=1", 400, "unknown_key"),
        ("top_k=1&top_k=1", 400, "repeated_key"), ("model=a&m%6fdel=a", 400, "repeated_key"),
        ("top_k", 400, "malformed_query"), ("top_k=", 400, "malformed_query"),
        ("top_k=5.0", 400, "malformed_query"), ("top_k=+5", 400, "malformed_query"),
        ("top_k= 5", 400, "malformed_query"), ("top_k=-", 400, "malformed_query"),
        ("seed=1,,2", 400, "malformed_query"), ("seed=1,", 400, "malformed_query"),
        ("model=%", 400, "malformed_query"), ("model=%2", 400, "malformed_query"),
        ("model=%zz", 400, "malformed_query"), ("model=%FF", 400, "malformed_query"),
        ("%FF=1", 400, "malformed_query"), ("tolerance=x", 400, "malformed_query"),
        ("tolerance=nan", 400, "malformed_query"), ("tolerance=0x1p3", 400, "malformed_query"),
        ("tolerance=1e5x", 400, "malformed_query"),
        ("top_k=-1", 422, "out_of_range"), ("samples=0", 422, "out_of_range"),
        ("seed=-1", 422, "out_of_range"), ("seed=18446744073709551616", 422, "out_of_range"),
        ("min_probability=-0.1", 422, "out_of_range"), ("min_probability=2", 422, "out_of_range"),
        ("min_probability=", 400, "malformed_query"),
        ("min_probability=nan", 400, "malformed_query"),
        ("tolerance=0", 422, "out_of_range"), ("tolerance=1e999", 422, "out_of_range"),
        ("estimator=exact", 422, "unknown_choice"), ("outputs=logits", 422, "unknown_choice"),
        ("outputs=probabilities,", 422, "unknown_choice"),
    ])
    func `mistakes are named and have no pointer`(query: String, status: Int, code: String) {
        #expect(failure(query) == Verdict(status, code, nil))
    }

    @Test(arguments: [(99, nil), (100, nil), (101, Verdict(422, "out_of_range", nil))])
    func `samples are limited`(samples: Int, verdict: Verdict?) {
        #expect(
            failure("samples=\(samples)", limits: RequestLimits(maxSamples: 100)) == verdict)
    }

    @Test(arguments: [
        (2, nil), (3, nil), (4, Verdict(413, "too_many_rows", nil)),
    ])
    func `seeds are limited`(seeds: Int, verdict: Verdict?) {
        let list = [String](repeating: "1", count: seeds).joined(separator: ",")
        #expect(failure("seed=\(list)", limits: RequestLimits(maxRows: 3)) == verdict)
    }

    @Test func `no outputs may be asked for`() throws {
        let query = try QueryParameters("outputs=", limits: RequestLimits())
        #expect(try query.parameters(instanceCount: 1).outputs == [])
    }

    @Test func `empty pairs are skipped`() throws {
        let query = try QueryParameters("&top_k=2&&", limits: RequestLimits())
        #expect(try query.parameters(instanceCount: 1).topK == 2)
    }
}
