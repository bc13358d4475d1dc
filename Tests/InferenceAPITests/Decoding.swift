import Predictions

@testable import InferenceAPI

/// Decodes a body for a model of `width` inputs, whatever the model is called.
func decode(
    _ body: [UInt8], width: Int = 3, limits: RequestLimits = RequestLimits(),
    pathModel: String? = nil
) throws(RequestError) -> PredictRequest {
    try decode(WholeBody(body), width: width, limits: limits, pathModel: pathModel)
}

func decode(
    _ body: any BodySource, width: Int = 3, limits: RequestLimits = RequestLimits(),
    pathModel: String? = nil
) throws(RequestError) -> PredictRequest {
    let decoder = PredictRequestDecoder(limits: limits)
    return try decoder.decode(
        body, RequestTarget(pathModel: pathModel), InputWidths(largest: width) { _ in width })
}

/// A body that comes in pieces of so many bytes, or of sizes that repeat, and does not know its
/// length before its end.
final class PiecewiseBody: BodySource {
    private let bytes: [UInt8]
    private let sizes: [Int]
    private var offset = 0
    private var count = 0

    init(_ bytes: [UInt8], sizes: [Int]) {
        self.bytes = bytes
        self.sizes = sizes
    }

    var hasMore: Bool { offset < bytes.count }
    var byteCount: Int? { nil }
    var maxByteCount: Int { bytes.count }
    /// Bytes that were asked for so far.
    var readBytes: Int { offset }

    func read(into output: inout [UInt8]) {
        let end = min(bytes.count, offset + sizes[count % sizes.count])
        output += bytes[offset..<end]
        offset = end
        count += 1
    }
}

func decode(
    _ body: String, width: Int = 3, limits: RequestLimits = RequestLimits(),
    pathModel: String? = nil
) throws(RequestError) -> PredictRequest {
    try decode(Array(body.utf8), width: width, limits: limits, pathModel: pathModel)
}

/// The error that a body ends in; nil when there is none.
func failure(
    _ body: String, width: Int = 3, limits: RequestLimits = RequestLimits(),
    pathModel: String? = nil
) -> RequestError? {
    failure(Array(body.utf8), width: width, limits: limits, pathModel: pathModel)
}

func failure(
    _ body: [UInt8], width: Int = 3, limits: RequestLimits = RequestLimits(),
    pathModel: String? = nil
) -> RequestError? {
    failure(WholeBody(body), width: width, limits: limits, pathModel: pathModel)
}

func failure(
    _ body: any BodySource, width: Int = 3, limits: RequestLimits = RequestLimits(),
    pathModel: String? = nil
) -> RequestError? {
    do {
        _ = try decode(body, width: width, limits: limits, pathModel: pathModel)
        return nil
    } catch {
        return error
    }
}

/// An error as a client sees it.
struct Verdict: Equatable {
    let status: Int
    let code: String
    let pointer: String?

    init(_ status: Int, _ code: String, _ pointer: String?) {
        self.status = status
        self.code = code
        self.pointer = pointer
    }

    init?(_ error: RequestError?) {
        guard let error else { return nil }
        self.init(error.status, error.code, error.pointer?.text)
    }
}

extension PredictRequest {
    var instanceCount: Int { rows.count }
    var inputWidth: Int { rows.width }

    /// All rows as a matrix, B×D.
    var features: [Float] {
        var (matrix, dense, value): ([Float], Int, Int) = ([], 0, 0)
        for count in rows.sparseCounts {
            let start = matrix.count
            matrix += [Float](repeating: 0, count: inputWidth)
            for place in 0..<(count ?? inputWidth) {
                if count == nil {
                    matrix[start + place] = rows.dense[dense + place]
                } else {
                    matrix[start + Int(rows.columns[value + place])] =
                        rows.values[value + place]
                }
            }
            if let count { value += count } else { dense += inputWidth }
        }
        return matrix
    }
}

extension FeatureRows {
    /// One entry a row: nil for a dense one, else its number of columns.
    var sparseCounts: [Int?] {
        places.map { place in
            switch place {
            case .dense: nil
            case .sparse(let range): range.count
            }
        }
    }
}
