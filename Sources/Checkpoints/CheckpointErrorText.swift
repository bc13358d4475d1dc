internal import Glibc
internal import NumPyFormat

extension CheckpointError {
    /// Whether nothing stands at `path`.
    package func isMissing(_ path: String) -> Bool {
        self == .unreadable(path: path, operation: .open, errno: ENOENT)
    }

    /// Whether the file ends before what it says it holds, as after a download that broke off.
    private var isCutShort: Bool {
        switch self {
        case .truncated: true
        case .archive(_, "", .noEndRecord), .array(_, "", .truncated): true
        case .array(_, "", .lengthMismatch(let declared, let found)): found < declared
        case .legacy(_, _, .wrongCount(let declared, let found)): found < declared
        default: false
        }
    }
}

extension CheckpointError: CustomStringConvertible {
    package var description: String {
        isCutShort
            ? "\(facts); the file is cut short or damaged: copy or download it again" : facts
    }

    private var facts: String {
        switch self {
        case .unreadable(let path, let operation, let errno):
            "\(path): cannot \(operation.rawValue) the file: \(Self.text(ofErrno: errno))"
        case .notRegularFile(let path):
            "\(path): not a regular file"
        case .changedWhileRead(let path):
            "\(path): changed while it was read, or the disk failed; replace files by renaming"
        case .unsupportedFormat(let path, let recognized):
            "\(path): is \(recognized.name), which is not read: \(recognized.wayOut)"
        case .folder(let path, let recognized):
            "\(path): \(recognized)"
        case .shards(let path, let defect):
            "\(path): \(defect)"
        case .truncated(let path, let part, let offset, let needed, let available):
            "\(path): \(part) needs \(needed) bytes at \(offset) but has only \(available)"
        case .limitExceeded(let path, let part, let limit, let value, let maximum):
            "\(path): \(part): \(limit.rawValue): \(value) is above the limit of \(maximum)"
        case .archive(let path, let member, let defect):
            member.isEmpty ? "\(path): \(defect)" : "\(path): member \(member): \(defect)"
        case .array(let path, let member, let defect):
            member.isEmpty ? "\(path): \(defect)" : "\(path): member \(member): \(defect)"
        case .pickle(let path, let offset, let defect):
            "\(path): pickle, byte \(offset): \(defect)"
        case .forbiddenCode(let path, let name):
            "\(path): its pickle refers to \(name), which no checkpoint needs; nothing was executed"
        case .json(let path, let part, let defect):
            "\(path): \(part): \(defect)"
        case .safetensors(let path, let tensor, let defect):
            tensor.map { "\(path): tensor \"\($0)\": \(defect)" } ?? "\(path): \(defect)"
        case .tensor(let path, let name, let defect):
            "\(path): tensor \"\(name)\": \(defect)"
        case .legacy(let path, let storage, let defect):
            storage.isEmpty ? "\(path): \(defect)" : "\(path): storage \(storage): \(defect)"
        case .digest(let path, let error):
            "\(path): \(error)"
        }
    }

    static func text(ofErrno number: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        return unsafe buffer.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return "error \(number)" }
            guard unsafe strerror_r(number, base, buffer.count) == 0 else {
                return "error \(number)"
            }
            return unsafe String(cString: base)
        }
    }
}

extension ArchiveDefect: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noEndRecord: "no end-of-central-directory record: truncated or not an archive"
        case .spansDisks: "spans several disks"
        case .badSignature(let record): "no \(record.rawValue) where one should be"
        case .misplacedDirectory(let end, let expected):
            "the central directory ends at \(end), not at its end record at \(expected)"
        case .memberCountMismatch(let declared, let found):
            "\(declared) members declared, \(found) found"
        case .missingZip64Field: "a zip64 field is missing"
        case .nameNotUTF8: "a member's name is not UTF-8"
        case .duplicateName: "two members have this name"
        case .encrypted: "encrypted"
        case .unsupportedFlags(let flags): "flags 0x\(String(flags, radix: 16)) are not read"
        case .unsupportedMethod(let method): "compression method \(method) is not read"
        case .localHeaderDiffers(let field):
            "local and central header differ in \(field.rawValue)"
        case .outsideFile(let offset, let byteCount):
            "\(byteCount) bytes at \(offset) lie outside the members' part of the file"
        case .overlaps(let member): "shares bytes with member \(member)"
        case .storedSizesDiffer(let compressed, let uncompressed):
            "stored, yet \(compressed) bytes hold \(uncompressed)"
        case .inflateFailed(let status): "inflating failed (zlib status \(status))"
        case .inflatedSizeMismatch(let declared, let found):
            "inflates to \(found) bytes\(found > declared ? " or more" : ""), not to \(declared)"
        case .checksumMismatch(let declared, let computed):
            "CRC-32 is \(String(computed, radix: 16)), not \(String(declared, radix: 16))"
        case .missing: "missing"
        case .severalPickles(let other): "a second pickle beside \(other)"
        case .unsupportedContent(let text): "content \"\(text)\" is not read"
        }
    }
}

extension PickleDefect: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unknownOpcode(let code): "unknown opcode \(code)"
        case .unsupportedOpcode(let code): "opcode \(code) is not read"
        case .unsupportedProtocol(let version): "protocol \(version) is not read"
        case .stackUnderflow: "the stack is empty"
        case .noMark: "no mark on the stack"
        case .notInMemo(let index): "memo entry \(index) does not exist"
        case .wrongOperand: "an operand of the wrong kind"
        case .oddItemCount: "a key without a value"
        case .textNotUTF8: "text that is not UTF-8"
        case .unendedLine: "a line without an end"
        }
    }
}

extension LegacyDefect: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unsupportedVersion: "not version 1001 of the legacy PyTorch format"
        case .malformedSystem: "the third pickle does not tell the byte order"
        case .malformedReference: "a reference to a storage is malformed"
        case .malformedKeys: "the fifth pickle is no list of storage keys"
        case .severalDeclarations: "referred to with two types or sizes"
        case .listedTwice: "listed twice"
        case .notListed: "referred to, but not in the file"
        case .notDeclared: "in the file, but nothing refers to it"
        case .unsupportedType(let name): "type \(name) is not read"
        case .wrongCount(let declared, let found):
            "the pickle declares \(declared) elements, the data \(found)"
        case .trailingBytes(let count): "\(count) bytes after the last storage"
        }
    }
}

extension TensorDefect: CustomStringConvertible {
    package var description: String {
        switch self {
        case .duplicateName: "two tensors have this name"
        case .unread(let type, let reason): "is \(type), which cannot be read: \(reason)"
        case .containsItself: "is looked for in a container that contains itself"
        case .malformedConstructor(let name): "malformed arguments of \(name)"
        case .missingStorage(let key): "storage \(key) is missing"
        case .storageTooShort(let declared, let found):
            "its storage declares \(declared) bytes and has \(found)"
        case .windowOutside(let offset, let count, let elementCount):
            "\(count) elements from \(offset) on lie outside its storage of \(elementCount)"
        case .negativeSize(let size): "size \(size)"
        case .negativeStride(let stride): "stride \(stride)"
        case .negativeOffset(let offset): "storage offset \(offset)"
        case .strideCountDiffers(let dimensions, let strides):
            "\(dimensions) sizes but \(strides) strides"
        case .sizeOverflow: "its sizes overflow 64 bits"
        case .outsideStorage(let lastElement, let elementCount):
            "reaches element \(lastElement) of a storage of \(elementCount)"
        case .lengthMismatch(let declared, let found):
            "type and shape need \(declared) bytes, \(found) are there"
        case .notIntegers(let type): "\(type.rawValue) elements are not integers"
        case .integerTooLarge(let value): "\(value) does not fit a signed 64-bit integer"
        case .notText(let value): "a text with \(value), which is no code point of Unicode"
        }
    }
}
