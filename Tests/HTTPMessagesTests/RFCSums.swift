/// The sums behind coded bodies, as the RFCs define them: bit by bit and byte by byte.
enum RFCSums {
    /// RFC 1952 §8.
    static func crc32(_ bytes: [UInt8]) -> UInt32 {
        var crc = UInt32.max
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1 == 1 ? 0xEDB8_8320 : 0) }
        }
        return ~crc
    }

    /// RFC 1950 §8.2.
    static func adler32(_ bytes: [UInt8]) -> UInt32 {
        var (first, second): (UInt32, UInt32) = (1, 0)
        for byte in bytes {
            first = (first + UInt32(byte)) % 65_521
            second = (second + first) % 65_521
        }
        return second << 16 | first
    }

    static func gzipTrailer(_ content: [UInt8]) -> [UInt8] {
        bytes(crc32(content)) + bytes(UInt32(content.count))
    }

    static func zlibTrailer(_ content: [UInt8]) -> [UInt8] { bytes(adler32(content)).reversed() }

    /// The lowest bits first.
    private static func bytes(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}
