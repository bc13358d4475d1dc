/// Reads the elements of a NumPy array as rows of floats, as they come: one allocation, one pass,
/// no call for an element.
///
/// Measured on one core of a server (EPYC): 64 MiB of `<f4` or `>f4` in C order are read at 1.9
/// GB/s, which is the rate of `memcpy` into memory that is new to the process (1.7) and of the
/// pages that both wait for; `<f8` at 17 GB/s, where the memory for its rows was there already;
/// `<f4` in Fortran order at 1.1. That was with pages of four KiB; see `LargePages`.
struct ArrayElements {
    let layout: ArrayLayout

    private static let magnitude: UInt32 = 0x7fff_ffff
    /// Added to the magnitude of a float it sets the sign bit where the float is not finite.
    private static let smallestNormal: UInt32 = 0x0080_0000

    /// The rows one after the other, B×D, of a body of which `bytes` have come so far. float64 is
    /// rounded to the nearest float, as JSON's numbers are. Throws `notFinite` for the first
    /// element, in the order of the body, that is not finite then.
    func rows(
        of body: any BodySource, startingWith bytes: [UInt8]
    ) throws(RequestError) -> [Float] {
        var pieces = ElementPieces(body, bytes, layout)
        let count = layout.rowCount * layout.width
        return try [Float](capacity: count) { output throws(RequestError) in
            unsafe output.withUnsafeMutableBufferPointer { target, _ in
                guard let start = target.baseAddress else { return }
                unsafe LargePages.ask(for: start, byteCount: count * MemoryLayout<Float>.stride)
            }
            while let piece = try pieces.next() {
                let isFinite = unsafe output.withUnsafeMutableBufferPointer { target, written in
                    // In Fortran order no row is full before the last column has come; what is
                    // not written yet is read by nobody.
                    written = count
                    guard let target = target.baseAddress else { return true }
                    return unsafe pieces.bytes.withUnsafeBytes { bytes in
                        let source = unsafe UnsafeRawBufferPointer(rebasing: bytes[piece.bytes])
                        return unsafe read(source, piece.elements, into: target)
                    }
                }
                if !isFinite { throw firstFault(in: output.span, of: piece.elements) }
            }
        }
    }

    /// The error of a piece that has an element that is not finite.
    private func firstFault(in rows: Span<Float>, of elements: Range<Int>) -> RequestError {
        for element in elements {
            let (row, column) = place(of: element)
            if !rows[row * layout.width + column].isFinite {
                return .notFinite(.element(row: row, column: column))
            }
        }
        return .notFinite(.array)
    }

    /// The row and column of an element, by its index in the order of the body.
    private func place(of element: Int) -> (row: Int, column: Int) {
        if layout.isFortranOrder {
            let (column, row) = element.quotientAndRemainder(dividingBy: layout.rowCount)
            return (row, column)
        }
        let (row, column) = element.quotientAndRemainder(dividingBy: layout.width)
        return (row, column)
    }

    /// Whether all elements of a piece are finite. `target` has room for all rows.
    private func read(
        _ source: UnsafeRawBufferPointer, _ elements: Range<Int>,
        into target: UnsafeMutablePointer<Float>
    ) -> Bool {
        switch layout.element {
        case .float16:
            unsafe read(source, elements, into: target) { (bits: UInt16) in
                Self.float(ofHalf: UInt16(littleEndian: bits))
            }
        case .bigFloat16:
            unsafe read(source, elements, into: target) { (bits: UInt16) in
                Self.float(ofHalf: UInt16(bigEndian: bits))
            }
        case .float32:
            unsafe read(source, elements, into: target) { (bits: UInt32) in
                Float(bitPattern: UInt32(littleEndian: bits))
            }
        case .bigFloat32:
            unsafe read(source, elements, into: target) { (bits: UInt32) in
                Float(bitPattern: UInt32(bigEndian: bits))
            }
        case .float64:
            unsafe read(source, elements, into: target) { (bits: UInt64) in
                Float(Double(bitPattern: UInt64(littleEndian: bits)))
            }
        case .bigFloat64:
            unsafe read(source, elements, into: target) { (bits: UInt64) in
                Float(Double(bitPattern: UInt64(bigEndian: bits)))
            }
        }
    }

    /// The float of a float16's bits, infinite where it is not finite. Vectors of them need no
    /// instruction that a processor may lack: a float with the same exponent and significand is
    /// 2^112 times smaller, subnormals included, and the largest finite one is 65,504.
    @inline(__always)
    private static func float(ofHalf bits: UInt16) -> Float {
        let magnitude = Float(bitPattern: UInt32(bits & 0x7FFF) << 13) * 0x1p112
        let finite = magnitude < 0x1p16 ? magnitude : .infinity
        return Float(bitPattern: finite.bitPattern | UInt32(bits & 0x8000) << 16)
    }

    @inline(__always)
    private func read<Bits: BitwiseCopyable>(
        _ source: UnsafeRawBufferPointer, _ elements: Range<Int>,
        into target: UnsafeMutablePointer<Float>, _ float: (Bits) -> Float
    ) -> Bool {
        guard let source = source.baseAddress else { return true }
        let excess =
            layout.isFortranOrder
            ? unsafe transpose(source, elements, into: target, float)
            : unsafe copy(source, elements.count, into: target + elements.lowerBound, float)
        return excess & ~Self.magnitude == 0
    }

    /// Elements that lie as they are wanted. No branch depends on one, so that the loop is vectors.
    @inline(__always)
    private func copy<Bits: BitwiseCopyable>(
        _ source: UnsafeRawPointer, _ count: Int, into target: UnsafeMutablePointer<Float>,
        _ float: (Bits) -> Float
    ) -> UInt32 {
        var excess: UInt32 = 0
        for index in 0..<count {
            let offset = index &* MemoryLayout<Bits>.size
            let value = float(unsafe source.loadUnaligned(fromByteOffset: offset, as: Bits.self))
            excess |= (value.bitPattern & Self.magnitude) &+ Self.smallestNormal
            unsafe target[index] = value
        }
        return excess
    }

    /// Elements that lie column by column. What a piece has of a row is written at once, for rows
    /// may lie so that a few of them take the whole of a cache.
    @inline(__always)
    private func transpose<Bits: BitwiseCopyable>(
        _ source: UnsafeRawPointer, _ elements: Range<Int>,
        into target: UnsafeMutablePointer<Float>, _ float: (Bits) -> Float
    ) -> UInt32 {
        let (rowCount, width) = (layout.rowCount, layout.width)
        // The piece may begin and end within a column.
        let (firstColumn, startRow) = elements.lowerBound.quotientAndRemainder(dividingBy: rowCount)
        let (lastColumn, endRow) = elements.upperBound.quotientAndRemainder(dividingBy: rowCount)
        let stride = rowCount &* MemoryLayout<Bits>.size
        var excess: UInt32 = 0
        for row in 0..<rowCount {
            let columns =
                firstColumn + (row < startRow ? 1 : 0)..<lastColumn + (row < endRow ? 1 : 0)
            let target = unsafe target + row &* width
            var offset =
                (columns.lowerBound &* rowCount &+ row &- elements.lowerBound)
                &* MemoryLayout<Bits>.size
            for column in columns {
                let value = float(
                    unsafe source.loadUnaligned(fromByteOffset: offset, as: Bits.self))
                excess |= (value.bitPattern & Self.magnitude) &+ Self.smallestNormal
                unsafe target[column] = value
                offset &+= stride
            }
        }
        return excess
    }
}
