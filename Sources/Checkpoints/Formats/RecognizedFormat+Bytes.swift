extension RecognizedFormat {
    /// The kind of a file that begins with `bytes` and is of no format that is read.
    init(_ bytes: [UInt8]) {
        self =
            if bytes.isEmpty {
                .empty
            } else if let match = Self.signatures.first(where: { bytes.starts(with: $0.bytes) }) {
                match.format
            } else if let text = Self.text(bytes) {
                text
            } else if bytes[0] == 0x80, let module = PickledModuleName(bytes) {
                .pickledObject(module: module.text)
            } else if bytes[0] == 0x80 {
                .barePickle
            } else if Self.isTar(bytes) {
                .tar
            } else if Self.isZlib(bytes) {
                .zlib
            } else if Self.isMsgpack(bytes) {
                .msgpack
            } else {
                ProtobufFields.format(of: bytes) ?? .unknown
            }
    }

    private static let signatures: [(bytes: [UInt8], format: RecognizedFormat)] = [
        (Array("version https://git-lfs".utf8), .gitLFSPointer),
        (Array("GGUF".utf8), .gguf),
        ([0x89] + Array("HDF".utf8), .hdf5),
        (Array("MATLAB 5.0 MAT-file".utf8), .matlab),
        // The first reference of a pickle in the text form of Python 2.
        (Array("ccopy_reg\n".utf8), .barePickle),
        (Array("cnumpy.".utf8), .barePickle),
        (Array("csklearn.".utf8), .barePickle),
        ([0x1f, 0x8b], .gzip),
        ([0xfd] + Array("7zXZ\0".utf8), .compressed(by: "xz")),
        (Array("BZh".utf8), .compressed(by: "bzip2")),
        ([0x28, 0xb5, 0x2f, 0xfd], .compressed(by: "zstd")),
        ([0x04, 0x22, 0x4d, 0x18], .compressed(by: "lz4")),
        (Array("7z".utf8) + [0xbc, 0xaf, 0x27, 0x1c], .compressed(by: "7-Zip")),
    ]

    /// Texts by the first word behind a byte order mark and white space.
    private static func text(_ bytes: [UInt8]) -> RecognizedFormat? {
        let mark: [UInt8] = [0xef, 0xbb, 0xbf]
        let content = bytes.starts(with: mark) ? bytes.dropFirst(mark.count) : bytes[...]
        let start = content.drop { [0x20, 0x09, 0x0a, 0x0d].contains($0) }.prefix(16)
        let word = String(decoding: start, as: UTF8.self).lowercased()
        if word.hasPrefix("<!doctype html") || word.hasPrefix("<html") { return .html }
        if word.hasPrefix("<?xml") || word.hasPrefix("<error") { return .xml }
        let isObject = word.hasPrefix("{") && word.dropFirst().allSatisfy { $0 != "\0" }
        return isObject ? .json : nil
    }

    private static func isTar(_ bytes: [UInt8]) -> Bool {
        bytes.count > 262 && bytes[257...].starts(with: "ustar".utf8)
    }

    /// Deflate in windows of 32 KiB without a dictionary; the two bytes are a multiple of 31
    /// (RFC 1950, section 2.2).
    private static func isZlib(_ bytes: [UInt8]) -> Bool {
        bytes.count > 2 && bytes[0] == 0x78 && bytes[1] & 0x20 == 0
            && (Int(bytes[0]) << 8 | Int(bytes[1])).isMultiple(of: 31)
    }

    /// A map whose first key is a text of printable characters.
    private static func isMsgpack(_ bytes: [UInt8]) -> Bool {
        let key: ArraySlice<UInt8>
        switch bytes[0] {
        case 0x81...0x8f: key = bytes.dropFirst(1)
        case 0xde: key = bytes.dropFirst(3)
        case 0xdf: key = bytes.dropFirst(5)
        default: return false
        }
        guard let head = key.first else { return false }
        let name: ArraySlice<UInt8>
        switch head {
        case 0xa1...0xbf: name = key.dropFirst(1).prefix(Int(head & 0x1f))
        case 0xd9: name = key.dropFirst(2).prefix(Int(key.dropFirst().first ?? 0))
        default: return false
        }
        return !name.isEmpty && name.allSatisfy { (0x20..<0x7f).contains($0) }
    }
}
