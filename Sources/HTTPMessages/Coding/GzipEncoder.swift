internal import CZlib
internal import HTTPTypes

/// Compresses bodies to gzip. Keeps zlib's memory (about 256 KiB) between bodies, since allocating
/// it takes longer than compressing a body of a few kilobytes. Not Sendable: each thread that
/// compresses has its own.
///
/// Uses zlib's fastest level: on answers of 58 and 530 kB it was six to eight times as fast as the
/// default (287 and 192 MB/s) for a fifth more bytes (3.5 and 4.3 to 1).
@safe package final class GzipEncoder {
    /// Bytes of zlib's memory, about.
    package static let memoryBytes = 256 * 1024
    private static let format = MAX_WBITS + 16
    /// zlib's default memory level.
    private static let memoryLevel: Int32 = 8

    private let stream: UnsafeMutablePointer<z_stream>

    /// Nil if zlib has no memory; bodies then stay uncompressed.
    package init?() {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let status = unsafe czlib_deflate_init(
            stream, Z_BEST_SPEED, Self.format, Self.memoryLevel, Z_DEFAULT_STRATEGY)
        guard status == Z_OK else {
            unsafe stream.deallocate()
            return nil
        }
        unsafe self.stream = stream
    }

    deinit {
        unsafe deflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// Bytes of a body that are compressed at a time.
    package static let pieceBytes = 64 * 1024

    /// A gzip member with `body`. The same body always gives the same bytes.
    package func encode(_ body: [UInt8]) -> [UInt8]? { encode(body) {} }

    /// The same, for a caller that has other things to do between two pieces of the body.
    package func encode(_ body: [UInt8], between: () -> Void) -> [UInt8]? {
        encode(body, pieceBytes: Self.pieceBytes, between: between)
    }

    /// The same with pieces of any size, on which the bytes do not depend.
    func encode(_ body: [UInt8], pieceBytes: Int, between: () -> Void) -> [UInt8]? {
        guard let count = UInt32(exactly: body.count),
            unsafe deflateReset(stream) == Z_OK
        else { return nil }
        let stream = unsafe stream
        let bound = Int(clamping: unsafe deflateBound(stream, UInt(count)))
        guard let room = UInt32(exactly: bound) else { return nil }
        var isWhole = false
        let output = unsafe [UInt8](unsafeUninitializedCapacity: bound) { output, written in
            unsafe stream.pointee.next_out = output.baseAddress
            unsafe stream.pointee.avail_out = room
            isWhole = unsafe body.withUnsafeBufferPointer { body in
                unsafe Self.deflatePieces(of: body, pieceBytes, with: stream, between: between)
            }
            written = bound - Int(unsafe stream.pointee.avail_out)
        }
        return isWhole ? output : nil
    }

    /// Compresses all of a body into the room that the stream has; false if it does not fit.
    private static func deflatePieces(
        of body: UnsafeBufferPointer<UInt8>, _ pieceBytes: Int,
        with stream: UnsafeMutablePointer<z_stream>, between: () -> Void
    ) -> Bool {
        unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: body.baseAddress)
        var rest = body.count
        while rest > pieceBytes {
            unsafe stream.pointee.avail_in = UInt32(pieceBytes)
            guard unsafe deflate(stream, Z_NO_FLUSH) == Z_OK,
                unsafe stream.pointee.avail_in == 0
            else { return false }
            rest -= pieceBytes
            between()
        }
        unsafe stream.pointee.avail_in = UInt32(rest)
        return unsafe deflate(stream, Z_FINISH) == Z_STREAM_END
    }
}

extension HTTPResponseMessage {
    /// Compresses the body to gzip; it stays plain if zlib fails.
    ///
    /// - Parameters:
    ///   - encoder: that of this thread.
    ///   - between: called between two pieces of the body.
    package mutating func gzip(with encoder: GzipEncoder, between: () -> Void) {
        guard let coded = encoder.encode(body, between: between) else { return }
        body = coded
        append(.contentEncoding, literal: "gzip")
    }
}
