internal import COpenSSL

/// SHA-256 (FIPS 180-4) of bytes that come in pieces, by OpenSSL.
@safe
package struct SHA256: ~Copyable {
    private let context: OpaquePointer

    /// Why a digest cannot be computed: OpenSSL has no memory or no SHA-256.
    package struct Unavailable: Error {}

    /// Bytes of a digest.
    package static let byteCount = 32

    package init() throws(Unavailable) {
        guard let context = unsafe EVP_MD_CTX_new() else { throw Unavailable() }
        guard unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
            unsafe EVP_MD_CTX_free(context)
            throw Unavailable()
        }
        unsafe self.context = context
    }

    deinit { unsafe EVP_MD_CTX_free(context) }

    /// Adds bytes behind those added before.
    package mutating func update(_ bytes: RawSpan) {
        unsafe bytes.withUnsafeBytes { buffer in
            _ = unsafe EVP_DigestUpdate(context, buffer.baseAddress, buffer.count)
        }
    }

    /// The digest of everything added, as 64 lower-case hexadecimal digits.
    package consuming func hexadecimal() -> String {
        var digest = [UInt8](repeating: 0, count: Self.byteCount)
        unsafe digest.withUnsafeMutableBufferPointer { buffer in
            _ = unsafe EVP_DigestFinal_ex(context, buffer.baseAddress, nil)
        }
        return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
