internal import CZlib

extension ArchiveDefect: Error {}

/// Inflates a raw deflate stream that must yield exactly `byteCount` bytes and use up all of
/// `input`. Allocates `byteCount` bytes and zlib's window (about 40 KiB); never writes more.
func inflateRaw(_ input: ByteView, byteCount: Int) throws(ArchiveDefect) -> [UInt8] {
    var output = [UInt8](repeating: 0, count: byteCount)
    let end = input.withSpan { input in
        unsafe output.withUnsafeMutableBufferPointer { output in
            unsafe input.withUnsafeBufferPointer { input in unsafe inflateAll(input, output) }
        }
    }
    guard end.status == Z_STREAM_END || end.status == Z_BUF_ERROR else {
        throw .inflateFailed(status: end.status)
    }
    // A full output with the stream's end still to come means that it holds more.
    guard end.produced == byteCount, end.status == Z_STREAM_END else {
        throw .inflatedSizeMismatch(declared: byteCount, found: end.produced)
    }
    guard end.consumed == input.count else { throw .inflateFailed(status: Z_DATA_ERROR) }
    return output
}

/// CRC-32 of `bytes`, as ZIP archives use it.
func crc32(of bytes: ByteView) -> UInt32 {
    bytes.withSpan { span in
        unsafe span.withUnsafeBufferPointer { buffer in
            // zlib answers a null buffer with the start value, which is the CRC of no bytes.
            UInt32(truncatingIfNeeded: unsafe crc32_z(0, buffer.baseAddress, buffer.count))
        }
    }
}

private struct InflateEnd {
    var status: CInt
    var consumed = 0
    var produced = 0
}

/// Runs zlib over buffers of any size; its own counters have 32 bits.
private func inflateAll(
    _ input: UnsafeBufferPointer<UInt8>, _ output: UnsafeMutableBufferPointer<UInt8>
) -> InflateEnd {
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    defer { unsafe stream.deallocate() }
    var end = InflateEnd(status: unsafe czlib_inflate_init(stream, -MAX_WBITS))
    guard end.status == Z_OK else { return end }
    defer { unsafe inflateEnd(stream) }

    // An empty output still needs an address for the end of the stream to be seen.
    var spare: UInt8 = 0
    unsafe withUnsafeMutablePointer(to: &spare) { spare in
        while end.status == Z_OK {
            let offered = UInt32(clamping: input.count - end.consumed)
            let room = UInt32(clamping: output.count - end.produced)
            if let base = input.baseAddress {
                unsafe stream.pointee.next_in = UnsafeMutablePointer(
                    mutating: base + end.consumed)
            }
            unsafe stream.pointee.avail_in = offered
            unsafe stream.pointee.next_out =
                output.baseAddress.map { unsafe $0 + end.produced } ?? spare
            unsafe stream.pointee.avail_out = room
            end.status = unsafe inflate(stream, Z_NO_FLUSH)
            end.consumed += Int(offered - (unsafe stream.pointee.avail_in))
            end.produced += Int(room - (unsafe stream.pointee.avail_out))
        }
    }
    return end
}
