internal import COpenSSL

/// The 32 bytes of a SHA-256 digest.
///
/// `==` takes the same time wherever two digests differ, so it may compare digests of secrets.
package struct SHA256Digest: Hashable, Sendable, CustomStringConvertible {
    package static let byteCount = 32

    /// The digest, exactly `byteCount` bytes.
    package let bytes: [UInt8]

    /// Lower-case hexadecimal, 64 characters.
    package var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        let text = bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }

    package var description: String { hexadecimal }

    package static func == (left: SHA256Digest, right: SHA256Digest) -> Bool {
        unsafe left.bytes.withUnsafeBytes { left in
            unsafe right.bytes.withUnsafeBytes { right in
                unsafe CRYPTO_memcmp(left.baseAddress, right.baseAddress, byteCount) == 0
            }
        }
    }

    init(bytes: [UInt8]) {
        precondition(bytes.count == Self.byteCount)
        self.bytes = bytes
    }
}
