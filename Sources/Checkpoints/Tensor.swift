/// A named array of a checkpoint; its values are read when they are asked for.
package struct Tensor: Sendable {
    package let name: String
    package let elementType: ElementType
    /// Lengths of the dimensions; empty for a scalar.
    package let shape: [Int]
    package let elementCount: Int
    let layout: TensorLayout
    let file: String
    /// Where the elements are.
    let source: TensorSource

    /// All elements in C order (last index fastest), whatever order the file has them in, as
    /// float32; wider types are rounded. Allocates `elementCount` floats.
    package func floats() throws(CheckpointError) -> [Float] {
        if elementType == .float32, layout.isContiguous { return try contiguousFloats() }
        return try elements { Float(elementType.double($0)) }
    }

    /// The same as float64.
    package func doubles() throws(CheckpointError) -> [Double] {
        try elements { elementType.double($0) }
    }

    /// The same as integers; integer and bool types only.
    package func integers() throws(CheckpointError) -> [Int64] {
        guard elementType.integer(0) != nil else {
            throw .tensor(file: file, name: name, .notAnInteger(elementType))
        }
        var isLossless = true
        let values = try elements { bits -> Int64 in
            guard let value = elementType.integer(bits) else {
                isLossless = false
                return 0
            }
            return value
        }
        guard isLossless else {
            throw .tensor(file: file, name: name, .notAnInteger(elementType))
        }
        return values
    }

    private func contiguousFloats() throws(CheckpointError) -> [Float] {
        let region = try source.region(file: file)
        let start = layout.offset * elementType.byteCount
        let end = start + elementCount * elementType.byteCount
        return try region.withBytes { bytes throws(CheckpointError) in
            guard end <= bytes.byteCount else { throw outside(bytes.byteCount) }
            return unsafe [Float](unsafeUninitializedCapacity: elementCount) { buffer, count in
                unsafe bytes.extracting(start..<end).withUnsafeBytes {
                    unsafe UnsafeMutableRawBufferPointer(buffer).copyMemory(from: $0)
                }
                count = elementCount
            }
        }
    }

    private func elements<Value>(
        _ convert: (UInt64) -> Value
    ) throws(CheckpointError) -> [Value] {
        let region = try source.region(file: file)
        return try region.withBytes { bytes throws(CheckpointError) in
            guard layout.extent(of: shape) * elementType.byteCount <= bytes.byteCount else {
                throw outside(bytes.byteCount)
            }
            var values: [Value] = []
            values.reserveCapacity(elementCount)
            var position = StridedPosition(shape: shape, layout: layout)
            for _ in 0..<elementCount {
                values.append(convert(bits(bytes, at: position.element)))
                position.advance()
            }
            return values
        }
    }

    /// The bits of one element, in the low end.
    private func bits(_ bytes: RawSpan, at element: Int) -> UInt64 {
        let offset = element * elementType.byteCount
        var bits: UInt64 = 0
        for index in 0..<elementType.byteCount {
            let place = layout.isBigEndian ? elementType.byteCount - 1 - index : index
            let byte = unsafe bytes.unsafeLoad(fromByteOffset: offset + place, as: UInt8.self)
            bits |= UInt64(byte) << UInt64(8 * index)
        }
        return bits
    }

    private func outside(_ byteCount: Int) -> CheckpointError {
        .tensor(
            file: file, name: name,
            .outsideStorage(elements: byteCount / elementType.byteCount))
    }
}

/// Where a tensor's elements are.
enum TensorSource: Sendable {
    /// In these bytes.
    case region(ByteRegion)
    /// In a member of an archive, from `offset` bytes on.
    case member(ZipMember, offset: Int, limit: Int)

    func region(file: String) throws(CheckpointError) -> ByteRegion {
        switch self {
        case .region(let region):
            return region
        case .member(let member, let offset, let limit):
            do throws(ZipFault) {
                let bytes = try member.bytes(limit: limit)
                guard let region = bytes.suffix(from: offset) else {
                    throw ZipFault.truncated(offset: UInt64(offset))
                }
                return region
            } catch {
                throw .zip(file: file, member: member.name, error)
            }
        }
    }
}
