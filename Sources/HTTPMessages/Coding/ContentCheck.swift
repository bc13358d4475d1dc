internal import CChecksums

/// The check behind a member of gzip or behind a stream in zlib's format: the content's checksum,
/// and of gzip its length.
///
/// zlib can do that itself. But for text that repeats, which is what makes a short body long, its
/// sums take as long as all the rest of inflating, and several times as long as these.
struct ContentCheck {
    private let isGzip: Bool
    private var sum: UInt32
    /// Bytes of the content, modulo 2³², as gzip counts them.
    private var byteCount: UInt32 = 0
    /// The last eight coded bytes, the latest in the highest bits.
    private var last: UInt64 = 0

    init(isGzip: Bool) {
        self.isGzip = isGzip
        sum = isGzip ? 0 : 1
    }

    /// Counts bytes of the content.
    mutating func add(_ content: Span<UInt8>) {
        byteCount &+= UInt32(truncatingIfNeeded: content.count)
        sum = unsafe content.withUnsafeBufferPointer { [sum, isGzip] content in
            guard let start = content.baseAddress else { return sum }
            return isGzip
                ? unsafe csm_crc32(sum, start, content.count)
                : unsafe csm_adler32(sum, start, content.count)
        }
    }

    /// Remembers the end of the coded bytes, the last of which are the check.
    mutating func pass(_ coded: Span<UInt8>) {
        for index in max(0, coded.count - 8)..<coded.count {
            last = last >> 8 | UInt64(coded[index]) << 56
        }
    }

    /// Whether the coded bytes end with the right check: RFC 1952 §2.3.1, little-endian, or RFC
    /// 1950 §2.2, big-endian.
    var holds: Bool {
        isGzip
            ? last == UInt64(byteCount) << 32 | UInt64(sum)
            : UInt32(truncatingIfNeeded: last >> 32).byteSwapped == sum
    }
}
