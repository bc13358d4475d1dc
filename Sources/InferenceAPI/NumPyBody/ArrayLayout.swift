internal import NumPyFormat

/// The layout of a NumPy array's elements in a body.
struct ArrayLayout {
    /// The types that are taken, under NumPy's names.
    enum Element: String, CaseIterable {
        case float16 = "<f2"
        case float32 = "<f4"
        case float64 = "<f8"
        case bigFloat16 = ">f2"
        case bigFloat32 = ">f4"
        case bigFloat64 = ">f8"

        static let names = allCases.map { "'\($0.rawValue)'" }

        var byteCount: Int {
            switch self {
            case .float16, .bigFloat16: 2
            case .float32, .bigFloat32: 4
            case .float64, .bigFloat64: 8
            }
        }
    }

    /// Bytes of a header: as many as NumPy itself reads unless it is told to trust a file. That of
    /// two dimensions has 118.
    static let maxHeaderBytes = 10_000

    let element: Element
    let isFortranOrder: Bool
    /// B ≥ 1 and D ≥ 0.
    let rowCount, width: Int
    /// The bytes of the elements; all others stand before them.
    let data: Range<Int>

    /// Reads the header and checks it against the body's length, the limits and the model's input
    /// width. Nothing of the body is taken for true before that, and no more than a header is
    /// copied.
    init(
        _ body: Span<UInt8>, width: Int, limits: RequestLimits
    ) throws(RequestError) {
        let header: NumPyHeader
        (header, data) = try Self.header(body)
        guard let element = Element(rawValue: header.descriptor) else {
            throw .elementType(found: header.descriptor)
        }
        let (found, declared) = (data.count, Self.byteCount(header.shape, element))
        guard declared == found else {
            throw .malformedArray(.lengthMismatch(declared: declared, found: found))
        }
        let shape = header.shape
        guard shape.count == 2 else { throw .wrongShape(shape, width: width) }
        guard shape[0] > 0 else { throw .emptyInstances(.array) }
        guard shape[0] <= limits.maxRows else {
            throw .tooManyRows(.array, limit: limits.maxRows)
        }
        guard shape[1] == width else { throw .wrongShape(shape, width: width) }
        guard found / element.byteCount <= limits.maxFeatureCount else {
            throw .tooManyFeatures(.array, limit: limits.maxFeatureCount)
        }
        self.element = element
        isFortranOrder = header.isFortranOrder
        (rowCount, self.width) = (shape[0], shape[1])
    }

    /// The header, and where the elements lie: all that is behind it.
    private static func header(
        _ body: Span<UInt8>
    ) throws(RequestError) -> (NumPyHeader, data: Range<Int>) {
        do throws(ArrayDefect) {
            let preamble = try NumPyPreamble(body)
            guard preamble.headerByteCount <= maxHeaderBytes else {
                throw .headerTooLong(preamble.headerByteCount, limit: maxHeaderBytes)
            }
            let end = preamble.byteCount + preamble.headerByteCount
            guard end <= body.count else { throw .truncated(byteCount: body.count) }
            let text = (preamble.byteCount..<end).map { body[$0] }
            return (try NumPyHeader(text), end..<body.count)
        } catch {
            throw Self.diagnosis(of: error, body)
        }
    }

    /// The error for a body without a header that can be read.
    private static func diagnosis(of defect: ArrayDefect, _ body: Span<UInt8>) -> RequestError {
        if defect == .structured { return .elementType(found: nil) }
        if let content = BodyContent(of: body), content != .array {
            return .otherContent(content, expected: .array)
        }
        return .malformedArray(defect)
    }

    /// Bytes of all elements; `Int.max`, which no body has, where they are more.
    private static func byteCount(_ shape: [Int], _ element: Element) -> Int {
        if shape.contains(0) { return 0 }
        var count = element.byteCount
        for size in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: size)
            if overflow { return .max }
            count = product
        }
        return count
    }
}
