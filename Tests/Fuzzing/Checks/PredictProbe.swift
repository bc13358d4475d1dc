import InferenceAPI
import Predictions

/// Reads the input as the body of a prediction; its first byte is the model's input width.
enum PredictProbe {
    static let limits = RequestLimits(
        maxBodyBytes: 4096, maxRows: 8, maxSamples: 1000, maxFeatureCount: 256)
    private static let other = Array(
        #"{"instances": [{"indices": [0], "values": [1e3]}], "parameters": {"seed": 7}}"#.utf8)

    static func check(_ input: [UInt8]) throws(BrokenPromise) {
        let width = Int(input.first ?? 0)
        let body = Array(input.dropFirst())
        let decoder = PredictRequestDecoder(limits: limits)
        let first = try outcome(body, width, decoder)
        _ = try outcome(other, 1, decoder)
        // A decoder is used again and again, and keeps its memory.
        guard try outcome(body, width, decoder) == first else { throw .historyMatters }
        guard case .success(let request) = first else { return }
        try check(request, width)
        // A byte order mark is no part of the text.
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        guard !body.starts(with: mark), mark.count + body.count <= limits.maxBodyBytes else {
            return
        }
        guard try outcome(mark + body, width, decoder) == first else {
            throw .illegalRequest(what: "byte order mark")
        }
    }

    private static func outcome(
        _ body: [UInt8], _ width: Int, _ decoder: PredictRequestDecoder
    ) throws(BrokenPromise) -> Result<PredictRequest, RequestError> {
        do throws(RequestError) {
            return .success(
                try decoder.decode(WholeBody(body), RequestTarget(), widths(width)))
        } catch {
            try check(error)
            return .failure(error)
        }
    }

    /// Models of one width, whose names are short.
    static func widths(_ width: Int) -> InputWidths {
        InputWidths(largest: width) { name throws(RequestError) in
            if let name, name.utf8.count > 64 { throw .unknownModel(name) }
            return width
        }
    }

    /// Promises of every refusal.
    static func check(_ error: RequestError) throws(BrokenPromise) {
        let description = error.description
        guard [400, 404, 413, 422].contains(error.status), !description.isEmpty,
            description.utf8.count < 1024
        else { throw .oddRefusal(status: error.status, description: description) }
    }

    /// Promises of every accepted request, whatever its form.
    static func check(
        _ request: PredictRequest, _ width: Int
    ) throws(BrokenPromise) {
        try check(request.rows, width)
        let parameters = request.parameters
        try expect(parameters.topK >= 0, "top_k")
        try expect((1...limits.maxSamples).contains(parameters.sampleCount ?? 1), "samples")
        try expect([1, request.rows.count].contains(parameters.seeds.count), "seeds")
        try expect(parameters.tolerance.map { $0 > 0 && $0.isFinite } ?? true, "tolerance")
        try expect((0...1).contains(parameters.minProbability ?? 0), "min_probability")
        try expect(parameters.labels.count <= 10_000, "labels")
        let coverage = parameters.coverage ?? 0.5
        try expect(coverage > 0 && coverage < 1, "coverage")
        try expect((0...1).contains(parameters.abstainBelow ?? 0), "abstain_below")
        try checkBonds(parameters)
    }

    /// Promises of parameters that need, or exclude, each other.
    private static func checkBonds(_ parameters: PredictParameters) throws(BrokenPromise) {
        let levels = parameters.quantileLevels ?? [0.5]
        try expect((1...32).contains(levels.count), "number of levels")
        try expect(zip([0] + levels, levels + [1]).allSatisfy(<), "quantile_levels")
        let hasQuantiles = parameters.outputs.contains(.quantiles)
        try expect(parameters.quantileLevels == nil || hasQuantiles, "levels of nothing")
        let delta = parameters.delta ?? 0.05
        try expect(delta > 0 && delta <= 0.5, "delta")
        if parameters.certificate == nil {
            try expect(parameters.delta == nil, "delta of nothing")
        } else {
            try expect(parameters.tolerance == nil, "certify and tolerance")
            try expect(parameters.estimator != .only(.quasiMonteCarlo), "certify by points")
        }
        let isEmpty = parameters.topK == 0 && parameters.labels.isEmpty
        try expect(parameters.tolerance == nil || !isEmpty, "tolerance of nothing")
    }

    private static func check(_ rows: FeatureRows, _ width: Int) throws(BrokenPromise) {
        try expect((1...limits.maxRows).contains(rows.count), "rows")
        try expect(rows.width == width, "width")
        try expect((rows.dense + rows.values).allSatisfy(\.isFinite), "value")
        try expect(rows.columns.count == rows.values.count, "sparse values")
        let held = rows.dense.count + rows.columns.count
        try expect(held <= limits.maxFeatureCount, "feature count")
        var (dense, sparse) = (0, 0)
        for place in rows.places {
            switch place {
            case .dense(let first):
                try expect(first == dense, "place of a dense row")
                dense += width
            case .sparse(let range):
                try expect(range.lowerBound == sparse, "place of a sparse row")
                sparse = range.upperBound
                try expect(sparse <= rows.columns.count, "columns")
                let columns = rows.columns[range]
                try expect(zip(columns, columns.dropFirst()).allSatisfy(<), "order of columns")
                try expect(columns.allSatisfy { $0 < width }, "column")
            }
        }
        try expect(dense == rows.dense.count, "dense values")
        try expect(sparse == rows.columns.count, "columns of no row")
    }

    private static func expect(_ holds: Bool, _ what: String) throws(BrokenPromise) {
        guard holds else { throw .illegalRequest(what: what) }
    }
}

extension PredictRequest: Equatable {
    /// Requests that ask for the same of the same rows, in the same form.
    static func == (left: PredictRequest, right: PredictRequest) -> Bool {
        left.model == right.model && left.rows == right.rows
            && left.parameters == right.parameters && left.encoder.fields == right.encoder.fields
    }
}
