import InferenceAPI

/// Reads the input as the body of a prediction; its first byte is the model's input width.
enum PredictProbe {
    private static let limits = RequestLimits(
        maximumBodyBytes: 4096, maximumRows: 8, maximumSamples: 1000, maximumFeatureCount: 256)
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
    }

    private static func outcome(
        _ body: [UInt8], _ width: Int, _ decoder: PredictRequestDecoder
    ) throws(BrokenPromise) -> Result<PredictRequest, RequestError> {
        do throws(RequestError) {
            return .success(
                try decoder.decode(body.span) { name throws(RequestError) in
                    if let name, name.utf8.count > 64 { throw .unknownModel(name) }
                    return width
                })
        } catch {
            let description = error.description
            guard [400, 404, 413, 422].contains(error.status), !description.isEmpty,
                description.utf8.count < 1024
            else { throw .oddRefusal(status: error.status, description: description) }
            return .failure(error)
        }
    }

    private static func check(
        _ request: PredictRequest, _ width: Int
    ) throws(BrokenPromise) {
        let count = request.instanceCount
        try expect((1...limits.maximumRows).contains(count), "rows")
        try expect(request.inputWidth == width, "width")
        try expect(request.features.count == count * width, "features")
        try expect(request.features.count <= limits.maximumFeatureCount, "feature count")
        try expect(request.features.allSatisfy(\.isFinite), "feature")
        let parameters = request.parameters
        try expect(parameters.topK >= 0, "top_k")
        try expect((1...limits.maximumSamples).contains(parameters.samples ?? 1), "samples")
        try expect([1, count].contains(parameters.seeds.count), "seeds")
        try expect(parameters.tolerance.map { $0 > 0 && $0.isFinite } ?? true, "tolerance")
    }

    private static func expect(_ holds: Bool, _ what: String) throws(BrokenPromise) {
        guard holds else { throw .illegalRequest(what: what) }
    }
}
