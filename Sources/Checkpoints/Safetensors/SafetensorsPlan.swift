/// A tensor as it is announced to a `SafetensorsWriter`.
package struct TensorDescription: Equatable, Sendable {
    package let name: String
    package let elementType: ElementType
    /// Sizes of the dimensions, slowest first; empty for a scalar.
    package let shape: [Int]

    package init(name: String, elementType: ElementType, shape: [Int]) {
        self.name = name
        self.elementType = elementType
        self.shape = shape
    }
}

/// The layout of a safetensors file that is to be written.
struct SafetensorsPlan {
    /// Data begin at a multiple of this, so that vector loads from a mapped table are aligned.
    static let alignment = 64

    /// Wide elements first, then by the bytes of the name: each tensor begins at a multiple of its
    /// element's size, and the same tensors always make the same file.
    let tensors: [TensorDescription]
    /// One for each of `tensors`.
    let byteCounts: [Int]
    /// The length of the header, the header, and spaces up to the data.
    let preamble: [UInt8]

    /// Refuses tensors and metadata that the reader would refuse with these limits.
    init(
        _ tensors: [TensorDescription], metadata: [String: String], path: String,
        limits: ReadLimits
    ) throws(SafetensorsWriteError) {
        self.tensors = tensors.sorted { left, right in
            left.elementType.byteCount == right.elementType.byteCount
                ? left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
                : left.elementType.byteCount > right.elementType.byteCount
        }
        var names: Set<String> = []
        for tensor in tensors {
            guard tensor.name != SafetensorsHeader.metadataKey else {
                throw .reservedName(path: path, tensor: tensor.name)
            }
            guard names.insert(tensor.name).inserted else {
                throw .refused(.tensor(path: path, name: tensor.name, defect: .duplicateName))
            }
        }
        let ends = try Self.ends(self.tensors, path: path)
        let begins = [0] + ends.dropLast()
        byteCounts = zip(ends, begins).map { $0 - $1 }
        var header = SafetensorsHeaderText(metadata: metadata)
        for (tensor, range) in zip(self.tensors, zip(begins, ends)) {
            header.append(tensor, begin: range.0, end: range.1)
        }
        let text = header.finished()
        let padding = (Self.alignment - (8 + text.count) % Self.alignment) % Self.alignment
        let padded = text + [UInt8](repeating: UInt8(ascii: " "), count: padding)
        try Self.check(padded, path: path, limits: limits)
        preamble = (0..<8).map { UInt8(truncatingIfNeeded: padded.count >> (8 * $0)) } + padded
    }

    /// The end of each tensor's bytes, which lie one after the other.
    private static func ends(
        _ tensors: [TensorDescription], path: String
    ) throws(SafetensorsWriteError) -> [Int] {
        var ends: [Int] = []
        for tensor in tensors {
            do throws(TensorDefect) {
                let (end, overflows) = (ends.last ?? 0).addingReportingOverflow(
                    try TensorLayout.byteCount(of: tensor.shape, tensor.elementType))
                guard !overflows else { throw .sizeOverflow }
                ends.append(end)
            } catch {
                throw .refused(.tensor(path: path, name: tensor.name, defect: error))
            }
        }
        return ends
    }

    private static func check(
        _ header: [UInt8], path: String, limits: ReadLimits
    ) throws(SafetensorsWriteError) {
        do throws(CheckpointError) {
            try ReadLimit.safetensorsHeaderByteCount.check(
                header.count, atMost: limits.safetensorsHeaderByteCount, path: path,
                part: SafetensorsHeader.part)
            _ = try SafetensorsHeader(ByteView(header), path: path, limits: limits)
        } catch {
            throw .refused(error)
        }
    }
}
