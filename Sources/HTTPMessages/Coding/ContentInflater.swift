internal import CZlib

/// Decompresses a gzip or deflate body, a buffer at a time.
///
/// A gzip body is one member or several, whose contents are one body; the limit is that of all of
/// them together. RFC 1952 §2.2 allows nothing between or behind them, so padding with zeros is
/// refused like any other bytes, though gzip(1) overlooks it: where a body ends has one reading.
///
/// zlib checks the headers and the compressed data, `ContentCheck` what comes out of them.
///
/// Holds zlib's window (about 40 KiB) and none of the bytes before and after. It stops at the
/// limit, however far the input would expand.
@safe package struct ContentInflater: ~Copyable {
    /// Bytes that a call takes, and that it decodes, at most.
    package static let bufferBytes = 64 * 1024
    /// zlib's codes for its own format and for gzip, with the largest window.
    private static let zlibFormat = MAX_WBITS
    private static let gzipFormat = MAX_WBITS + 16
    /// The bit of `data_type` that says that zlib has stopped where a block begins.
    private static let stopped: Int32 = 128
    /// The first byte of a gzip member.
    private static let memberStart: UInt8 = 0x1f

    private let stream: UnsafeMutablePointer<z_stream>
    private let hasMembers: Bool
    private let limit: Int
    private var check: ContentCheck
    /// Bytes decoded so far.
    private var count = 0
    /// Whether the header is not whole.
    private var isInHeader = true
    /// Whether the input has ended, unless another member begins.
    private var hasEnded = false

    /// - Parameters:
    ///   - coding: `.gzip` or `.deflate`.
    ///   - limit: bytes that may be decoded.
    package init(_ coding: ContentCoding, limit: Int) throws(ContentCodingError) {
        precondition(coding != .identity, "there is nothing to inflate")
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let format = coding == .gzip ? Self.gzipFormat : Self.zlibFormat
        guard unsafe czlib_inflate_init(stream, format) == Z_OK else {
            unsafe stream.deallocate()
            throw .outOfMemory
        }
        unsafe self.stream = stream
        hasMembers = coding == .gzip
        check = ContentCheck(isGzip: hasMembers)
        self.limit = limit
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// Decodes some of the input from `offset` on, which is behind what was decoded before and is
    /// moved on, and appends the bytes to `output`. There is input left.
    package mutating func read(
        _ input: Span<UInt8>, from offset: inout Int, into output: inout [UInt8]
    ) throws(ContentCodingError) {
        let (start, end) = (output.count, min(input.count, offset + Self.bufferBytes))
        // Members may be short, or have nothing in them.
        repeat {
            if hasEnded { try beginMember(input[offset]) }
            offset += try step(input.extracting(offset..<end), &output)
        } while offset < end && output.count == start
    }

    /// Checks that the coded body has ended with its input.
    package func checkEnd() throws(ContentCodingError) {
        guard hasEnded else { throw .truncated }
    }

    private mutating func beginMember(_ first: UInt8) throws(ContentCodingError) {
        guard hasMembers, first == Self.memberStart else { throw .trailingBytes }
        guard unsafe inflateReset(stream) == Z_OK, unsafe inflateValidate(stream, 1) == Z_OK else {
            throw .malformed
        }
        check = ContentCheck(isGzip: true)
        isInHeader = true
        hasEnded = false
    }

    /// Calls zlib once, for at most one buffer each way, and returns the number of input bytes that
    /// it took.
    private mutating func step(
        _ input: Span<UInt8>, _ output: inout [UInt8]
    ) throws(ContentCodingError) -> Int {
        let start = output.count
        let status = inflate(input, into: &output)
        let written = output.count - start
        guard written <= limit - count else {
            output.removeLast(written)
            throw .tooLong(limit: limit)
        }
        count += written
        let taken = input.count - Int(unsafe stream.pointee.avail_in)
        check.add(output.span.extracting(start...))
        check.pass(input.extracting(..<taken))
        switch status {
        case Z_OK: try endHeader()
        case Z_STREAM_END:
            guard check.holds else { throw .malformed }
            hasEnded = true
        case Z_MEM_ERROR: throw .outOfMemory
        // A dictionary that was not agreed on is as unreadable as a wrong checksum. A call with
        // input and room always makes progress, so Z_BUF_ERROR cannot occur.
        default: throw .malformed
        }
        return taken
    }

    private func inflate(_ input: Span<UInt8>, into output: inout [UInt8]) -> Int32 {
        // zlib has to stop behind the header.
        let flush = isInHeader ? Z_BLOCK : Z_NO_FLUSH
        let (stream, room) = unsafe (stream, Self.bufferBytes)
        var status = Z_OK
        output.append(addingCapacity: room) { output in
            unsafe input.withUnsafeBufferPointer { input in
                unsafe output.withUnsafeMutableBufferPointer { free, initialized in
                    unsafe stream.pointee.next_in = UnsafeMutablePointer(
                        mutating: input.baseAddress)
                    unsafe stream.pointee.avail_in = UInt32(input.count)
                    unsafe stream.pointee.next_out = free.baseAddress.map {
                        unsafe $0 + initialized
                    }
                    unsafe stream.pointee.avail_out = UInt32(room)
                    status = unsafe CZlib.inflate(stream, flush)
                    initialized += room - Int(unsafe stream.pointee.avail_out)
                }
            }
        }
        return status
    }

    /// Leaves what follows a header to `check`.
    private mutating func endHeader() throws(ContentCodingError) {
        guard isInHeader, unsafe stream.pointee.data_type & Self.stopped != 0 else { return }
        guard unsafe inflateValidate(stream, 0) == Z_OK else { throw .malformed }
        isInHeader = false
    }
}
