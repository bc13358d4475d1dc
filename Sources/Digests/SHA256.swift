internal import COpenSSL

/// SHA-256 (FIPS 180-4) of bytes that arrive in pieces.
///
/// Owns an OpenSSL digest context. Makes one pass over the bytes and allocates nothing else.
@safe package struct SHA256: ~Copyable {
    private let context: OpaquePointer

    /// Starts an empty message. Throws if OpenSSL has no memory or offers no SHA-256.
    package init() throws(DigestError) {
        guard let context = unsafe EVP_MD_CTX_new() else { throw .unavailable }
        guard unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
            unsafe EVP_MD_CTX_free(context)
            throw .unavailable
        }
        unsafe self.context = unsafe context
    }

    deinit { unsafe EVP_MD_CTX_free(context) }

    /// Appends `bytes`, any number of them, to the message.
    package mutating func update(_ bytes: Span<UInt8>) throws(DigestError) {
        let status = unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe EVP_DigestUpdate(context, buffer.baseAddress, buffer.count)
        }
        guard status == 1 else { throw .updateFailed(byteCount: bytes.count) }
    }

    /// Ends the message and returns its digest.
    package consuming func finalize() throws(DigestError) -> SHA256Digest {
        var bytes = [UInt8](repeating: 0, count: SHA256Digest.byteCount)
        let status = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            unsafe EVP_DigestFinal_ex(context, buffer.baseAddress, nil)
        }
        guard status == 1 else { throw .finalizeFailed }
        return SHA256Digest(bytes: bytes)
    }

    /// The digest of one whole message.
    package static func digest(of bytes: Span<UInt8>) throws(DigestError) -> SHA256Digest {
        var hash = try SHA256()
        try hash.update(bytes)
        return try hash.finalize()
    }

    /// The digest of one whole message.
    package static func digest(of bytes: [UInt8]) throws(DigestError) -> SHA256Digest {
        try digest(of: bytes.span)
    }
}
