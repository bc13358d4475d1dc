internal import CZlib

extension ArchiveDefect: Error {}

/// Inflates a raw deflate stream piece by piece; it must yield exactly `byteCount` bytes and use
/// up all of its input.
///
/// Holds zlib's window (about 40 KiB) and nothing else; never writes more than there is room
/// for.
@safe struct InflateStream: ~Copyable {
    private let stream: UnsafeMutablePointer<z_stream>
    private let input: ByteView
    /// Bytes that the archive declares.
    private let byteCount: Int
    private var consumed = 0
    /// Bytes of the input whose pages were let go.
    private var passed = 0
    private var produced = 0
    private var hasEnded = false

    init(_ input: ByteView, byteCount: Int) throws(ArchiveDefect) {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let status = unsafe czlib_inflate_init(stream, -MAX_WBITS)
        guard status == Z_OK else {
            unsafe stream.deallocate()
            throw .inflateFailed(status: status)
        }
        unsafe self.stream = stream
        self.input = input
        self.byteCount = byteCount
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// Writes the next `count` bytes to the front of `output`; fails when the stream ends sooner.
    mutating func read(_ count: Int, into output: inout [UInt8]) throws(ArchiveDefect) {
        precondition(output.count >= count, "no room for the bytes")
        var filled = 0
        while filled < count {
            let written = try step(&output, filled..<count)
            guard written > 0 || !hasEnded else {
                throw .inflatedSizeMismatch(declared: byteCount, found: produced)
            }
            filled += written
        }
        letInputGo()
    }

    private mutating func letInputGo() {
        input.slice(at: passed, count: consumed - passed)?.letGo()
        passed = consumed
    }

    /// Checks, after `byteCount` bytes were read, that the stream ends there and its input too.
    mutating func finish() throws(ArchiveDefect) {
        var spare: [UInt8] = [0]
        while !hasEnded {
            guard try step(&spare, 0..<1) == 0 else {
                throw .inflatedSizeMismatch(declared: byteCount, found: produced)
            }
        }
        guard consumed == input.count else { throw .inflateFailed(status: Z_DATA_ERROR) }
    }

    /// One call of zlib's, which may write to `place` of `output`; returns the bytes written.
    private mutating func step(
        _ output: inout [UInt8], _ place: Range<Int>
    ) throws(ArchiveDefect) -> Int {
        if hasEnded { return 0 }
        let stream = unsafe stream
        let consumed = consumed
        // zlib's own counters have 32 bits.
        let room = UInt32(clamping: place.count)
        let offered = UInt32(clamping: input.count - consumed)
        let status = input.withSpan { input in
            unsafe input.withUnsafeBufferPointer { input in
                unsafe output.withUnsafeMutableBufferPointer { output in
                    unsafe stream.pointee.next_in = input.baseAddress.map {
                        unsafe UnsafeMutablePointer(mutating: $0 + consumed)
                    }
                    unsafe stream.pointee.avail_in = offered
                    unsafe stream.pointee.next_out = output.baseAddress.map {
                        unsafe $0 + place.lowerBound
                    }
                    unsafe stream.pointee.avail_out = room
                    return unsafe inflate(stream, Z_NO_FLUSH)
                }
            }
        }
        let written = Int(room - (unsafe stream.pointee.avail_out))
        self.consumed += Int(offered - (unsafe stream.pointee.avail_in))
        produced += written
        switch status {
        case Z_OK: break
        case Z_STREAM_END: hasEnded = true
        case Z_BUF_ERROR:
            // No progress is possible: the input is used up before the stream's end.
            throw .inflatedSizeMismatch(declared: byteCount, found: produced)
        default: throw .inflateFailed(status: status)
        }
        return written
    }
}

/// CRC-32, as ZIP archives use it, of bytes that arrive in pieces.
struct CyclicRedundancyCheck {
    private(set) var value: UInt32 = 0

    mutating func update(_ bytes: Span<UInt8>) {
        // zlib answers a null buffer with the start value.
        if bytes.isEmpty { return }
        let before = UInt(value)
        value = unsafe bytes.withUnsafeBufferPointer { buffer in
            UInt32(truncatingIfNeeded: unsafe crc32_z(before, buffer.baseAddress, buffer.count))
        }
    }
}
