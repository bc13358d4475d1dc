internal import CZlib

/// Compresses bodies to gzip. Keeps zlib's memory (about 256 KiB) between bodies, since allocating
/// it takes longer than compressing a body of a few kilobytes. Not Sendable: each thread that
/// compresses has its own.
///
/// Uses zlib's fastest level: on answers of 58 and 530 kB it was six to eight times as fast as the
/// default (287 and 192 MB/s) for a fifth more bytes (3.5 and 4.3 to 1).
@safe package final class GzipEncoder {
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

    /// A gzip member with `body`. The same body always gives the same bytes.
    package func encode(_ body: [UInt8]) -> [UInt8]? {
        guard let count = UInt32(exactly: body.count),
            unsafe deflateReset(stream) == Z_OK
        else { return nil }
        let stream = unsafe stream
        let bound = Int(clamping: unsafe deflateBound(stream, UInt(count)))
        guard let room = UInt32(exactly: bound) else { return nil }
        var isWhole = false
        let output = unsafe [UInt8](unsafeUninitializedCapacity: bound) { output, written in
            unsafe body.withUnsafeBufferPointer { body in
                unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: body.baseAddress)
                unsafe stream.pointee.avail_in = count
                unsafe stream.pointee.next_out = output.baseAddress
                unsafe stream.pointee.avail_out = room
                isWhole = unsafe deflate(stream, Z_FINISH) == Z_STREAM_END
            }
            written = bound - Int(unsafe stream.pointee.avail_out)
        }
        return isWhole ? output : nil
    }
}
