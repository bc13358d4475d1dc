/// What the first bytes of a file say that it is.
enum FormatRecognition: Equatable {
    case archive
    case array
    case legacyTorch
    case unread(RecognizedFormat)

    init(_ file: ByteView) {
        let pickle: UInt8 = 0x80
        if file.count == 0 {
            self = .unread(.empty)
        } else if file.starts(with: Array("PK\u{3}\u{4}".utf8))
            || file.starts(with: Array("PK\u{5}\u{6}".utf8))
        {
            self = .archive
        } else if file.starts(with: NumPyArray.magic) {
            self = .array
        } else if LegacyTorchFile.begins(file) {
            self = .legacyTorch
        } else if file.starts(with: [pickle]) {
            self = .unread(.barePickle)
        } else if file.starts(with: [0x89] + Array("HDF".utf8)) {
            self = .unread(.hdf5)
        } else if file.starts(with: [0x1f, 0x8b]) {
            self = .unread(.gzip)
        } else if Self.isSafetensors(file) {
            self = .unread(.safetensors)
        } else {
            self = .unread(.unknown)
        }
    }

    /// The length of a JSON header, which lies inside the file, then the header's brace.
    private static func isSafetensors(_ file: ByteView) -> Bool {
        var cursor = ByteCursor(file, path: "", part: "")
        guard let length = try? cursor.integer(UInt64.self), let brace = try? cursor.byte() else {
            return false
        }
        return brace == UInt8(ascii: "{") && length >= 2 && length <= UInt64(file.count - 8)
    }
}
