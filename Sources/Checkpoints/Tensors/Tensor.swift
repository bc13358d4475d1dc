/// A named array in a checkpoint: its type and shape, and its elements on demand.
///
/// Cheap to copy; keeps the file's mapping alive. Its bounds were checked when the checkpoint was
/// opened; its bytes are inflated, and their checksum is checked, when they are read.
package struct Tensor: Sendable {
    /// The name in the checkpoint; empty when the file holds just one array without a name.
    package let name: String
    let layout: TensorLayout
    let contents: MemberContents

    package var elementType: ElementType { layout.elementType }

    /// Sizes of the dimensions, slowest first; empty for a scalar.
    package var shape: [Int] { layout.shape }

    /// Product of `shape`: 1 for a scalar.
    package var elementCount: Int { layout.elementCount }

    init(name: String, layout: TensorLayout, contents: MemberContents) {
        self.name = name
        self.layout = layout
        self.contents = contents
    }

    /// The same tensor under another name.
    func named(_ name: String) -> Tensor {
        Tensor(name: name, layout: layout, contents: contents)
    }

    /// All elements in C order (last index fastest), whatever order the file has.
    ///
    /// float64 and integers are rounded to the nearest Float, the former to infinity when out of
    /// range; bool becomes 0 or 1. Fails when the bytes are damaged. Allocates the result; one
    /// pass over the elements.
    package func floats() throws(CheckpointError) -> [Float] {
        var values: [Float] = []
        values.reserveCapacity(elementCount)
        try forEachBlock(of: Self.blockElementCount) { block in
            unsafe block.withUnsafeBufferPointer { unsafe values.append(contentsOf: $0) }
        }
        return values
    }

    /// Elements that are converted at a time: 256 KiB of Floats, within a core's own cache.
    private static let blockElementCount = 1 << 16

    /// All elements in C order as Doubles: exact but for 64-bit integers beyond 2⁵³, which are
    /// rounded. Fails and costs as `floats()`.
    package func doubles() throws(CheckpointError) -> [Double] {
        let values = try storedDoubles()
        return layout.isNegated ? values.map { -$0 } : values
    }

    private func storedDoubles() throws(CheckpointError) -> [Double] {
        switch elementType {
        case .float64: try gather { (bits: UInt64) in Double(bitPattern: bits) }
        case .float32: try gather { (bits: UInt32) in Double(Float(bitPattern: bits)) }
        case .float16: try gather { (bits: UInt16) in Double(Float16(bitPattern: bits)) }
        case .bfloat16: try gather { (bits: UInt16) in Double(FloatDecoder.float(bfloat16: bits)) }
        case .uint64: try gather { (bits: UInt64) in Double(bits) }
        default: try integers().map(Double.init)
        }
    }

    /// All elements in C order, of integer and bool tensors only. A uint64 above the range of
    /// Int64 is refused.
    package func integers() throws(CheckpointError) -> [Int64] {
        switch elementType {
        case .int64: try gather { (bits: UInt64) in Int64(bitPattern: bits) }
        case .int32: try gather { (bits: UInt32) in Int64(Int32(bitPattern: bits)) }
        case .int16: try gather { (bits: UInt16) in Int64(Int16(bitPattern: bits)) }
        case .int8: try gather { (bits: UInt8) in Int64(Int8(bitPattern: bits)) }
        case .uint64: try signed(try gather { (bits: UInt64) in bits })
        case .uint32: try gather { (bits: UInt32) in Int64(bits) }
        case .uint16: try gather { (bits: UInt16) in Int64(bits) }
        case .uint8: try gather { (bits: UInt8) in Int64(bits) }
        case .bool: try gather { (bits: UInt8) in bits == 0 ? 0 : 1 }
        case .float64, .float32, .float16, .bfloat16:
            throw .tensor(path: contents.path, name: name, defect: .notIntegers(elementType))
        }
    }

    private func signed(_ values: [UInt64]) throws(CheckpointError) -> [Int64] {
        for value in values where value > Int64.max {
            throw .tensor(path: contents.path, name: name, defect: .integerTooLarge(value))
        }
        return values.map { Int64(bitPattern: $0) }
    }

    /// Converts the bit pattern of each element, byte order already undone.
    private func gather<Bits: FixedWidthInteger & BitwiseCopyable, Value>(
        _ convert: (Bits) -> Value
    ) throws(CheckpointError) -> [Value] {
        let bytes = try contents.verified()
        let width = MemoryLayout<Bits>.size
        let values = bytes.withSpan { span in
            [Value](capacity: layout.elementCount) { output in
                for run in StridedRuns(shape: layout.shape, strides: layout.strides) {
                    var offset = layout.firstByte + run.start * width
                    for _ in 0..<run.count {
                        let stored = unsafe span.bytes.unsafeLoadUnaligned(
                            fromByteOffset: offset, as: Bits.self)
                        let bits = layout.isBigEndian ? stored.bigEndian : stored.littleEndian
                        output.append(convert(bits))
                        offset &+= run.stride &* width
                    }
                }
            }
        }
        try contents.checkUnchanged()
        return values
    }
}
