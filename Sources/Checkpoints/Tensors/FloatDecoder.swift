/// The places of some elements of a tensor in their member: a first byte, and one every `stride`
/// bytes.
struct StoredRun {
    let firstByte: Int
    let stride: Int
    let count: Int

    init(firstByte: Int, stride: Int, count: Int) {
        self.firstByte = firstByte
        self.stride = stride
        self.count = count
    }

    init(_ run: StridedRuns.Run, of layout: TensorLayout) {
        let width = layout.elementType.byteCount
        self.init(
            firstByte: layout.firstByte + run.start * width, stride: run.stride &* width,
            count: run.count)
    }
}

/// Turns stored elements of one type into Floats.
///
/// float64 and integers are rounded to the nearest Float, the former to infinity when out of
/// range; bool becomes 0 or 1. Those of a negative view change their sign.
struct FloatDecoder: Sendable {
    let elementType: ElementType
    let isBigEndian: Bool
    var isNegated = false

    /// Decodes `run` into `output` from index `first` on, where there must be room for it.
    func decode(
        _ run: StoredRun, of bytes: Span<UInt8>, into output: inout [Float], at first: Int = 0
    ) {
        precondition(first >= 0 && output.count - first >= run.count, "no room for the run")
        decodeStored(run, of: bytes, into: &output, at: first)
        guard isNegated else { return }
        for index in first..<first + run.count { output[index].negate() }
    }

    private func decodeStored(
        _ run: StoredRun, of bytes: Span<UInt8>, into output: inout [Float], at first: Int
    ) {
        if elementType == .float32, isHostOrder, run.stride == MemoryLayout<Float>.size {
            return copy(run, of: bytes, into: &output, at: first)
        }
        switch elementType {
        case .float64:
            map(run, bytes, &output, first) { (bits: UInt64) in Float(Double(bitPattern: bits)) }
        case .float32: map(run, bytes, &output, first) { (bits: UInt32) in Float(bitPattern: bits) }
        case .float16:
            map(run, bytes, &output, first) { (bits: UInt16) in Float(Float16(bitPattern: bits)) }
        case .bfloat16: map(run, bytes, &output, first, Self.float(bfloat16:))
        case .int64:
            map(run, bytes, &output, first) { (bits: UInt64) in Float(Int64(bitPattern: bits)) }
        case .int32:
            map(run, bytes, &output, first) { (bits: UInt32) in Float(Int32(bitPattern: bits)) }
        case .int16:
            map(run, bytes, &output, first) { (bits: UInt16) in Float(Int16(bitPattern: bits)) }
        case .int8:
            map(run, bytes, &output, first) { (bits: UInt8) in Float(Int8(bitPattern: bits)) }
        case .uint64: map(run, bytes, &output, first) { (bits: UInt64) in Float(bits) }
        case .uint32: map(run, bytes, &output, first) { (bits: UInt32) in Float(bits) }
        case .uint16: map(run, bytes, &output, first) { (bits: UInt16) in Float(bits) }
        case .uint8: map(run, bytes, &output, first) { (bits: UInt8) in Float(bits) }
        case .bool: map(run, bytes, &output, first) { (bits: UInt8) in bits == 0 ? 0 : 1 }
        }
    }

    /// bfloat16 is the upper half of a Float.
    static func float(bfloat16 bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }

    var isHostOrder: Bool { isBigEndian == (UInt16(1).bigEndian == 1) }

    /// Floats that lie in the file just as they are wanted: one copy at the memory's speed.
    private func copy(
        _ run: StoredRun, of bytes: Span<UInt8>, into output: inout [Float], at first: Int
    ) {
        let end = run.firstByte + run.count * MemoryLayout<Float>.size
        let source = bytes.extracting(run.firstByte..<end)
        unsafe source.withUnsafeBytes { source in
            unsafe output.withUnsafeMutableBytes { output in
                let place = unsafe output.dropFirst(first * MemoryLayout<Float>.size)
                unsafe UnsafeMutableRawBufferPointer(rebasing: place).copyMemory(from: source)
            }
        }
    }

    /// Converts the bit pattern of each element, byte order already undone.
    private func map<Bits: FixedWidthInteger & BitwiseCopyable>(
        _ run: StoredRun, _ bytes: Span<UInt8>, _ output: inout [Float], _ first: Int,
        _ convert: (Bits) -> Float
    ) {
        var output = output.mutableSpan
        for index in 0..<run.count {
            let stored = unsafe bytes.bytes.unsafeLoadUnaligned(
                fromByteOffset: run.firstByte + index * run.stride, as: Bits.self)
            output[first + index] = convert(isBigEndian ? stored.bigEndian : stored.littleEndian)
        }
    }
}
