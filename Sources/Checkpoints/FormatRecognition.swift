internal import NumPyFormat

/// The kind of file that its first bytes show.
enum FormatRecognition: Equatable {
    case archive
    case array
    case legacyTorch
    case safetensors
    case unread(RecognizedFormat)

    init(_ file: ByteView) {
        let pickle: UInt8 = 0x80
        if file.count == 0 {
            self = .unread(.empty)
        } else if Self.isSafetensors(file) {
            self = .safetensors
        } else if file.starts(with: Array("PK\u{3}\u{4}".utf8))
            || file.starts(with: Array("PK\u{5}\u{6}".utf8))
        {
            self = .archive
        } else if file.starts(with: NumPyPreamble.magic) {
            self = .array
        } else if LegacyTorchFile.begins(file) {
            self = .legacyTorch
        } else if file.starts(with: [pickle]) {
            self = .unread(.barePickle)
        } else if file.starts(with: [0x89] + Array("HDF".utf8)) {
            self = .unread(.hdf5)
        } else if file.starts(with: [0x1f, 0x8b]) {
            self = .unread(.gzip)
        } else {
            self = .unread(.unknown)
        }
    }

    /// The length of a JSON header, below 4 GiB, then the header's brace or the white space that
    /// JSON would allow before it. Asked before all others, as a length may begin with any
    /// of their signatures; none of them has these five bytes there.
    private static func isSafetensors(_ file: ByteView) -> Bool {
        let starts = Set("{ \t\n\r".utf8)
        guard let high = file.slice(at: 4, count: 5) else { return false }
        return high.starts(with: [0, 0, 0, 0])
            && high.withSpan { span in starts.contains(span[4]) }
    }
}
