internal import NumPyFormat

/// The kind of file that its content shows.
enum FormatRecognition: Equatable {
    case archive
    case array
    case legacyTorch
    case safetensors
    case unread(RecognizedFormat)

    /// Looks at a few hundred bytes at the beginning, and at the last eight. The path tells only
    /// the data of a TensorFlow checkpoint, which begin with any bytes.
    init(_ file: CheckpointFile) {
        let (file, path) = (file.bytes, file.path)
        let start = file.slice(at: 0, count: min(file.count, Self.lookedAtByteCount)) ?? file
        let bytes = start.bytes
        if Self.isSafetensors(bytes) {
            self = .safetensors
        } else if ["PK\u{3}\u{4}", "PK\u{5}\u{6}"].contains(where: { bytes.starts(with: $0.utf8) })
        {
            self = .archive
        } else if bytes.starts(with: NumPyPreamble.magic) {
            self = .array
        } else if LegacyTorchFile.begins(file) {
            self = .legacyTorch
        } else if ShardName.isTensorFlowData(path) || Self.isTensorFlowIndex(file) {
            self = .unread(.tensorFlowCheckpoint)
        } else {
            self = .unread(RecognizedFormat(bytes))
        }
    }

    var isUnread: Bool { if case .unread = self { true } else { false } }

    /// More than the longest signature and the place of tar's, and room for a pickle's first name.
    static let lookedAtByteCount = 1024

    /// The length of a JSON header, below 4 GiB, then the header's brace or the white space that
    /// JSON would allow before it. Asked before all others, as a length may begin with any
    /// of their signatures; none of them has these five bytes there.
    private static func isSafetensors(_ bytes: [UInt8]) -> Bool {
        bytes.count >= 9 && bytes[4..<8].allSatisfy { $0 == 0 }
            && "{ \t\n\r".utf8.contains(bytes[8])
    }

    /// The last eight bytes of the sorted table that names a TensorFlow checkpoint's tensors.
    private static func isTensorFlowIndex(_ file: ByteView) -> Bool {
        file.slice(at: file.count - 8, count: 8)?.starts(
            with: [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb]) ?? false
    }
}
