/// The rows of a matrix in a checkpoint, read from the file each time they are asked for, so that
/// a table of millions of rows costs no memory of the process but the pages in use, of which at
/// most about `maxResidentBytes` bytes are kept.
package struct TensorRows: Sendable {
    package let rowCount: Int
    /// Elements of a row.
    package let width: Int
    private let bytes: ByteView
    private let layout: TensorLayout
    private let decoder: FloatDecoder
    private let isDense: Bool
    /// Bytes from one row to the next, and from one element of a row to the next; zero where
    /// nothing follows.
    private let rowStride: Int
    private let elementStride: Int
    /// nil where the whole table may stay in memory.
    private let budget: ResidentBudget?

    /// Bytes of a table that are touched before its pages are let go.
    package static let maxResidentBytes = 1 << 29

    /// The rows of a matrix, once its checksum was found right (a pass over its bytes, unless that
    /// was done before). A deflated one is inflated and kept.
    init(
        _ tensor: Tensor, maxResidentBytes: Int = maxResidentBytes
    ) throws(CheckpointError) {
        precondition(tensor.shape.count == 2, "rows are those of a matrix")
        rowCount = tensor.shape[0]
        width = tensor.shape[1]
        bytes = try tensor.contents.verified()
        layout = tensor.layout
        decoder = tensor.decoder
        isDense = tensor.isDense
        let size = layout.elementType.byteCount
        (rowStride, elementStride) = (layout.strides[0] * size, layout.strides[1] * size)
        let lastElement = (rowCount - 1) * rowStride + (width - 1) * elementStride
        budget =
            lastElement > maxResidentBytes ? ResidentBudget(maxBytes: maxResidentBytes) : nil
    }

    /// Whether rows that were read may hold zeros in place of bytes that the file has lost since it
    /// was opened. To be asked after reading; one system call.
    package var hasLostBytes: Bool { bytes.hasLostBytes }

    /// Calls `body` with the elements of the given rows, row-major, as Floats.
    ///
    /// Rows of an aligned float32 table are lent as they lie in the file, others are converted
    /// into a copy of `rows.count`·`width` Floats.
    package func withRows<Result>(
        _ rows: Range<Int>, _ body: (Span<Float>) -> Result
    ) -> Result {
        precondition(rows.lowerBound >= 0 && rows.upperBound <= rowCount, "rows outside the table")
        defer { account(for: rows) }
        return bytes.withSpan { bytes in
            if let result = withStoredRows(rows, of: bytes, body) { return result }
            return body(decoded(rows, of: bytes).span)
        }
    }

    /// Counts all bytes from the first to the last one of `rows`, which in Fortran order is nearly
    /// the whole table: each element of a row then lies on a page of its own.
    private func account(for rows: Range<Int>) {
        guard let budget, !rows.isEmpty, width > 0 else { return }
        let first = layout.firstByte + rows.lowerBound * rowStride
        let last = first + (rows.count - 1) * rowStride + (width - 1) * elementStride
        if budget.touch(first..<last + layout.elementType.byteCount) { bytes.letGo() }
    }

    /// Whether rows can be lent: no conversion is needed wherever the table lies.
    package var areStoredFloats: Bool {
        isDense && decoder.elementType == .float32 && decoder.isHostOrder && !decoder.isNegated
    }

    private func withStoredRows<Result>(
        _ rows: Range<Int>, of bytes: Span<UInt8>, _ body: (Span<Float>) -> Result
    ) -> Result? {
        guard areStoredFloats, !rows.isEmpty, width > 0 else { return nil }
        let rowByteCount = width * MemoryLayout<Float>.size
        let first = layout.firstByte + rows.lowerBound * rowByteCount
        let part = bytes.extracting(first..<first + rows.count * rowByteCount)
        return unsafe part.withUnsafeBytes { part in
            guard let base = part.baseAddress,
                Int(bitPattern: base) % MemoryLayout<Float>.alignment == 0
            else { return nil }
            return body(unsafe Span(_unsafeBytes: part))
        }
    }

    private func decoded(_ rows: Range<Int>, of bytes: Span<UInt8>) -> [Float] {
        var values = [Float](repeating: 0, count: rows.count * width)
        for (index, row) in rows.enumerated() where width > 0 {
            let run = StoredRun(
                firstByte: layout.firstByte + row * rowStride, stride: elementStride, count: width)
            decoder.decode(run, of: bytes, into: &values, at: index * width)
        }
        return values
    }
}

extension Tensor {
    /// The rows of a matrix, to be read one by one. The tensor must have two dimensions.
    ///
    /// Fails when the bytes are damaged. Costs a pass over them, unless that was done before; a
    /// deflated tensor is inflated and kept.
    package func rows() throws(CheckpointError) -> TensorRows { try TensorRows(self) }
}
