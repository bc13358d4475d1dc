@testable import InferenceAPI

/// A NumPy array built by the format's description, right or wrong in any part.
struct ArrayBytes {
    var version: (UInt8, UInt8) = (1, 0)
    var descriptor = "'<f4'"
    var fortranOrder = "False"
    var shape = "(2, 3)"
    var data: [UInt8] = []
    /// In place of the header that the above make.
    var header: String?
    /// The declared length of the header.
    var headerByteCount: Int?

    var bytes: [UInt8] {
        let text = Array(
            (header ?? "{'descr': \(descriptor), 'fortran_order': \(fortranOrder), "
                + "'shape': \(shape), }\n").utf8)
        let count = headerByteCount ?? text.count
        let length =
            version.0 == 1 ? littleEndian(UInt16(count)) : littleEndian(UInt32(count))
        return [0x93] + Array("NUMPY".utf8) + [version.0, version.1] + length + text + data
    }
}

func littleEndian<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    (0..<MemoryLayout<Value>.size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}

func bigEndian<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    littleEndian(value).reversed()
}

/// Elements as NumPy lays them down.
func elements(_ values: [Float]) -> [UInt8] { values.flatMap { littleEndian($0.bitPattern) } }
func elements(_ values: [Double]) -> [UInt8] { values.flatMap { littleEndian($0.bitPattern) } }

/// Reads an array for a model of `width` inputs, whatever the model is called.
func decode(
    _ array: ArrayBytes, query: String? = nil, width: Int = 3,
    limits: RequestLimits = RequestLimits(), pathModel: String? = nil
) throws(RequestError) -> PredictRequest {
    try decode(
        array: array.bytes, query: query, width: width, limits: limits, pathModel: pathModel)
}

func decode(
    array bytes: [UInt8], query: String? = nil, width: Int = 3,
    limits: RequestLimits = RequestLimits(), pathModel: String? = nil
) throws(RequestError) -> PredictRequest {
    try decode(
        array: WholeBody(bytes), query: query, width: width, limits: limits, pathModel: pathModel)
}

func decode(
    array body: any BodySource, query: String? = nil, width: Int = 3,
    limits: RequestLimits = RequestLimits(), pathModel: String? = nil
) throws(RequestError) -> PredictRequest {
    try ArrayRequestDecoder(limits: limits).decode(
        body, RequestTarget(query: query, pathModel: pathModel),
        InputWidths(largest: width) { _ in width })
}

/// The error that an array ends in; nil when there is none.
func failure(
    _ array: ArrayBytes, query: String? = nil, width: Int = 3,
    limits: RequestLimits = RequestLimits(), pathModel: String? = nil
) -> RequestError? {
    do {
        _ = try decode(array, query: query, width: width, limits: limits, pathModel: pathModel)
        return nil
    } catch {
        return error
    }
}
