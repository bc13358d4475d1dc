internal import Checkpoints

/// The limit on the memory that the weights of one file may take. A tensor may be far larger than
/// its file:
/// deflated zeros are a thousandth of their size, and a stride of zero makes millions of elements
/// of one. Learned weights hardly shrink.
enum WeightLimit {
    /// Bytes that a layer may take however small the file is: four million Floats.
    private static let minBytes = 1 << 24
    /// Bytes that it may take for each byte of a larger file: sixteen members in float32 of a
    /// kernel stored in int8, twice over for a deflated one.
    private static let bytesPerFileByte = 128

    /// Bytes that a layer of a file of `fileByteCount` bytes may take.
    static func maxBytes(fileByteCount: Int) -> Int {
        max(minBytes, fileByteCount * bytesPerFileByte)
    }
}

extension TensorTable {
    /// Refuses weights that would take more memory than their file justifies.
    func requireJustified(_ tensor: Tensor) throws(ModelError) {
        let limit = WeightLimit.maxBytes(fileByteCount: checkpoint.byteCount)
        guard tensor.elementCount <= limit / MemoryLayout<Float>.size else {
            throw .weightsLargerThanFile(
                tensor: tensor.name, elementCount: tensor.elementCount,
                fileByteCount: checkpoint.byteCount)
        }
    }
}
