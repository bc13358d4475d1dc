/// The bytes before the header of a NumPy array (`.npy`, format 1.0, 2.0 or 3.0): the magic bytes,
/// the version and the header's length.
package struct NumPyPreamble: Sendable {
    package static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
    /// The longest preamble there is.
    package static let maxBytes = 12

    /// Its own bytes; the header follows them.
    package let byteCount: Int
    /// Bytes of the header, at most 2³² − 1: to be checked against a limit before they are read.
    package let headerByteCount: Int

    /// Reads it from an array's first bytes; those behind it do not matter. O(1).
    package init(_ bytes: Span<UInt8>) throws(ArrayDefect) {
        let magic = Self.magic
        guard bytes.count >= magic.count, magic.indices.allSatisfy({ bytes[$0] == magic[$0] })
        else { throw .notNumPy }
        let length = magic.count + 2
        guard bytes.count >= length else { throw .truncated(byteCount: bytes.count) }
        let (major, minor) = (bytes[length - 2], bytes[length - 1])
        guard (1...3).contains(major), minor == 0 else {
            throw .unsupportedVersion(major: major, minor: minor)
        }
        byteCount = length + (major == 1 ? 2 : 4)
        guard bytes.count >= byteCount else { throw .truncated(byteCount: bytes.count) }
        headerByteCount = (length..<byteCount).reversed().reduce(0) { $0 << 8 | Int(bytes[$1]) }
    }
}
