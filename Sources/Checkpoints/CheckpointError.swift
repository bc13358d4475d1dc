package import Digests
package import NumPyFormat

/// The reason a checkpoint could not be read. Every case names the file; most name the member of
/// the archive or the tensor at fault. Nothing is left half-read.
package enum CheckpointError: Error, Equatable, Sendable {
    /// A system call on the file failed with `errno`.
    case unreadable(path: String, operation: FileOperation, errno: Int32)
    case notRegularFile(path: String)
    /// The file was written to or shortened meanwhile, or the disk could not read all of it.
    case changedWhileRead(path: String)
    /// The file is of a kind that this module does not read.
    case unsupportedFormat(path: String, recognized: RecognizedFormat)
    /// A folder stands where a file should; it seems to be of this kind.
    case folder(path: String, recognized: RecognizedFolder)
    /// The checkpoint lies in several files that do not fit. `path` is that of its index, or of
    /// the file that was named.
    case shards(path: String, defect: ShardDefect)
    /// `part` ends at `available` bytes where `needed` bytes from `offset` on were announced.
    case truncated(path: String, part: String, offset: Int, needed: Int, available: Int)
    case limitExceeded(path: String, part: String, limit: ReadLimit, value: Int, maximum: Int)
    /// The ZIP archive is damaged or uses a feature that is not read. `member` is empty for the
    /// archive.
    case archive(path: String, member: String, defect: ArchiveDefect)
    /// The NumPy array in `member` (empty for a plain `.npy` file) has a bad header.
    case array(path: String, member: String, defect: ArrayDefect)
    /// The pickle is damaged; `offset` is that of the opcode at fault, in bytes of the archive's
    /// member or of the legacy file.
    case pickle(path: String, offset: Int, defect: PickleDefect)
    /// The pickle refers to code that runs programs or reaches for files; it was not run.
    case forbiddenCode(path: String, name: String)
    /// `part` of the file, for example `safetensors header`, is JSON with a defect.
    case json(path: String, part: String, defect: JSONDefect)
    /// The safetensors file breaks a rule of its format; `tensor` is nil where no single one does.
    case safetensors(path: String, tensor: String?, defect: SafetensorsDefect)
    case tensor(path: String, name: String, defect: TensorDefect)
    /// The legacy PyTorch file is damaged. `storage` is the key of one, or empty for the file.
    case legacy(path: String, storage: String, defect: LegacyDefect)
    case digest(path: String, error: DigestError)
}

package enum FileOperation: String, Sendable {
    case open, status, map
}

/// Defects of a ZIP archive or of one of its members.
package enum ArchiveDefect: Equatable, Sendable {
    case noEndRecord
    case spansDisks
    case badSignature(ArchiveRecord)
    case misplacedDirectory(end: UInt64, expected: UInt64)
    case memberCountMismatch(declared: UInt64, found: UInt64)
    case missingZip64Field
    case nameNotUTF8
    case duplicateName
    case encrypted
    case unsupportedFlags(UInt16)
    case unsupportedMethod(UInt16)
    case localHeaderDiffers(ArchiveField)
    case outsideFile(offset: UInt64, byteCount: UInt64)
    case overlaps(member: String)
    case storedSizesDiffer(compressed: Int, uncompressed: Int)
    case inflateFailed(status: Int32)
    case inflatedSizeMismatch(declared: Int, found: Int)
    case checksumMismatch(declared: UInt32, computed: UInt32)
    case missing
    case severalPickles(other: String)
    case unsupportedContent(String)
}

package enum ArchiveRecord: String, Sendable {
    case centralHeader = "central header"
    case localHeader = "local header"
    case zip64EndRecord = "zip64 end record"
}

package enum ArchiveField: String, Sendable {
    case name, flags, method, checksum, compressedSize, uncompressedSize
}

/// Defects of a pickle.
package enum PickleDefect: Equatable, Sendable {
    case unknownOpcode(UInt8)
    case unsupportedOpcode(UInt8)
    case unsupportedProtocol(UInt8)
    case stackUnderflow
    case noMark
    case notInMemo(Int)
    case wrongOperand
    case oddItemCount
    case textNotUTF8
    case unendedLine
}

/// Defects of a PyTorch file of the legacy format or of one of its storages.
package enum LegacyDefect: Equatable, Sendable {
    case unsupportedVersion
    case malformedSystem
    case malformedReference
    case malformedKeys
    case severalDeclarations
    case listedTwice
    case notListed
    case notDeclared
    case unsupportedType(String)
    case wrongCount(declared: Int, found: Int)
    case trailingBytes(Int)
}

/// Defects of a tensor.
package enum TensorDefect: Equatable, Sendable {
    case duplicateName
    case unread(type: String, reason: String)
    case containsItself
    case malformedConstructor(String)
    case missingStorage(key: String)
    case storageTooShort(declared: Int, found: Int)
    case windowOutside(offset: Int, count: Int, elementCount: Int)
    case negativeSize(Int)
    case negativeStride(Int)
    case negativeOffset(Int)
    case strideCountDiffers(dimensions: Int, strides: Int)
    case sizeOverflow
    case outsideStorage(lastElement: Int, elementCount: Int)
    case lengthMismatch(declared: Int, found: Int)
    case notIntegers(ElementType)
    case integerTooLarge(UInt64)
    case notText(Int64)
}
