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
    /// The place of the first element; all other bytes stand before it.
    let start: Int

    /// Bytes of all elements.
    var byteCount: Int { rowCount * width * element.byteCount }

    /// Reads the header and checks it against the limits, the model's input width and the body's
    /// length where that is known. Nothing of the body is taken for true before that.
    ///
    /// - Parameters:
    ///   - bytes: receives the body's bytes up to the header's end, and what came with them.
    ///   - body: the body, from its first byte on.
    ///   - width: the model's input width.
    ///   - limits: those of the request.
    init(
        _ bytes: inout [UInt8], of body: any BodySource, width: Int, limits: RequestLimits
    ) throws(RequestError) {
        let header: NumPyHeader
        (header, start) = try Self.header(&bytes, body)
        guard let element = Element(rawValue: header.descriptor) else {
            throw .elementType(found: header.descriptor)
        }
        let declared = Self.byteCount(header.shape, element)
        if let found = body.byteCount.map({ [start] in $0 - start }), declared != found {
            throw .malformedArray(.lengthMismatch(declared: declared, found: found))
        }
        let shape = header.shape
        guard shape.count == 2 else { throw .wrongShape(shape, width: width) }
        guard shape[0] > 0 else { throw .emptyInstances(.array) }
        guard shape[0] <= limits.maxRows else {
            throw .tooManyRows(.array, limit: limits.maxRows)
        }
        guard shape[1] == width else { throw .wrongShape(shape, width: width) }
        guard declared / element.byteCount <= limits.maxFeatureCount else {
            throw .tooManyFeatures(.array, limit: limits.maxFeatureCount)
        }
        self.element = element
        isFortranOrder = header.isFortranOrder
        (rowCount, self.width) = (shape[0], shape[1])
    }

    /// The header, and the place behind it.
    private static func header(
        _ bytes: inout [UInt8], _ body: any BodySource
    ) throws(RequestError) -> (NumPyHeader, end: Int) {
        do throws(ArrayDefect) {
            body.read(into: &bytes, atLeast: NumPyPreamble.maxBytes)
            let preamble = try NumPyPreamble(bytes.span)
            guard preamble.headerByteCount <= maxHeaderBytes else {
                throw .headerTooLong(preamble.headerByteCount, limit: maxHeaderBytes)
            }
            let end = preamble.byteCount + preamble.headerByteCount
            body.read(into: &bytes, atLeast: end)
            guard end <= bytes.count else { throw .truncated(byteCount: bytes.count) }
            return (try NumPyHeader(Array(bytes[preamble.byteCount..<end])), end)
        } catch {
            throw Self.diagnosis(of: error, bytes.span)
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
