/// The reason a safetensors file was not written. Every case names the file; one that was there
/// before is left as it was.
package enum SafetensorsWriteError: Error, Equatable, Sendable {
    /// A system call failed with `errno`.
    case failed(path: String, operation: WriteOperation, errno: Int32)
    /// The target is not a regular file and is not replaced.
    case notRegularFile(path: String)
    /// A tensor has the name under which the format keeps the metadata.
    case reservedName(path: String, tensor: String)
    /// The reader would refuse a file of the announced tensors and texts, for this reason.
    case refused(CheckpointError)
    /// Bytes came for `tensor` while those of `expected` are due, or none when that is nil.
    case wrongTensor(path: String, tensor: String, expected: String?)
    /// With the bytes given now, `found` came for a tensor of `announced`.
    case tooManyBytes(path: String, tensor: String, announced: Int, found: Int)
    /// Only `found` bytes had come when the file was to be finished.
    case tooFewBytes(path: String, tensor: String, announced: Int, found: Int)
}

package enum WriteOperation: String, Sendable {
    case status = "look at the file"
    case create = "create a file in its folder"
    case write = "write the file"
    case synchronize = "bring the file to the disk"
    case rename = "put the file in its place"
}

extension SafetensorsWriteError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .failed(let path, let operation, let errno):
            "\(path): cannot \(operation.rawValue): \(CheckpointError.text(ofErrno: errno))"
        case .notRegularFile(let path):
            "\(path): not a regular file, so it is not replaced"
        case .reservedName(let path, let tensor):
            "\(path): no tensor can be called \"\(tensor)\" in this format"
        case .refused(let reason):
            "\(reason), so it would not be read again"
        case .wrongTensor(let path, let tensor, let expected?):
            "\(path): bytes of tensor \"\(tensor)\" where those of \"\(expected)\" are due"
        case .wrongTensor(let path, let tensor, nil):
            "\(path): bytes of tensor \"\(tensor)\" where all have been written"
        case .tooManyBytes(let path, let tensor, let announced, let found):
            "\(path): tensor \"\(tensor)\": \(found) bytes came, \(announced) were announced"
        case .tooFewBytes(let path, let tensor, let announced, let found):
            "\(path): tensor \"\(tensor)\": \(announced) bytes were announced, only \(found) came"
        }
    }
}
