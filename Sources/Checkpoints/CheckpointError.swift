/// Why a checkpoint file cannot be read. `file` is its path; members, tensors and offsets are named
/// where they are known.
package enum CheckpointError: Error, Equatable {
    case cannotOpen(file: String, errno: Int32)
    case notRegularFile(file: String)
    /// Recognised, but not a format that is read.
    case unsupportedFormat(file: String, found: String)
    case zip(file: String, member: String?, ZipFault)
    case npy(file: String, member: String, NpyFault)
    case pickle(file: String, offset: Int, PickleFault)
    case stateDict(file: String, StateDictFault)
    case tensor(file: String, name: String, TensorFault)
    case digestUnavailable(file: String)
}

/// What is wrong with a ZIP archive.
package enum ZipFault: Error, Equatable {
    case noEndRecord
    case truncated(offset: UInt64)
    case badSignature(offset: UInt64)
    case multipleDisks
    case tooManyMembers(count: UInt64, limit: Int)
    case repeatedName
    case nameNotUTF8
    case encrypted
    case method(UInt16)
    case outsideFile(offset: UInt64, size: UInt64)
    case overlapping(with: String)
    case headersDisagree(field: String)
    case tooLarge(bytes: UInt64, limit: Int)
    case implausibleRatio(compressed: UInt64, size: UInt64)
    case badDeflateStream
    case checksum(found: UInt32, expected: UInt32)
}

/// What is wrong with a NumPy array.
package enum NpyFault: Error, Equatable {
    case badMagic
    case version(UInt8)
    case truncatedHeader
    case headerTooLong(bytes: Int, limit: Int)
    case headerSyntax(offset: Int, expected: String)
    case elementType(String)
    case shapeOverflow([Int])
    case dataSize(found: Int, expected: Int)
}

/// What is wrong with a pickle. Nothing in a pickle is ever executed.
package enum PickleFault: Error, Equatable {
    case truncated
    case opcode(UInt8)
    case protocolVersion(UInt8)
    case stackUnderflow
    case noMark
    case limit(String, Int)
    case unknownMemo(Int)
    case notUTF8
    case operand(String)
    case noStop
}

/// What is wrong with the object a PyTorch file holds.
package enum StateDictFault: Error, Equatable {
    case noPickle
    case notADictionary(found: String)
    case pickledModule(className: String)
    case ambiguousWrapper([String])
    case noTensors
    case tooDeep(limit: Int)
    case tooManyTensors(limit: Int)
    case repeatedName(String)
    case missingStorage(tensor: String, member: String)
    case storageSize(tensor: String, found: Int, expected: Int)
    case byteOrder(String)
}

/// What is wrong with a tensor.
package enum TensorFault: Error, Equatable {
    case shape([Int])
    case strides([Int])
    case outsideStorage(elements: Int)
    case notAnInteger(ElementType)
}
