internal import CZlib

extension ZipMember {
    /// Deflate cannot do better than 1032 to 1, so a member that claims more lies.
    private static let largestRatio: UInt64 = 1032
    /// Bytes of a short stream that the ratio does not cover.
    private static let ratioSlack: UInt64 = 64

    /// The member's bytes: mapped where they are stored, else inflated; checked against the CRC.
    func bytes(limit: Int) throws(ZipFault) -> ByteRegion {
        let bytes = method == .stored ? stored : ByteRegion(try inflated(limit: limit))
        let found = Self.checksum(of: bytes)
        guard found == checksum else { throw .checksum(found: found, expected: checksum) }
        return bytes
    }

    /// At most `count` bytes from the start, unchecked: enough to look at a header.
    func prefix(_ count: Int) throws(ZipFault) -> [UInt8] {
        let wanted = min(UInt64(count), size)
        guard method == .deflated else {
            return stored.slice(offset: 0, count: wanted)?.copy() ?? []
        }
        return try Inflation.run(stored, size: Int(wanted), isWhole: wanted == size)
    }

    private func inflated(limit: Int) throws(ZipFault) -> [UInt8] {
        guard size <= UInt64(limit) else { throw .tooLarge(bytes: size, limit: limit) }
        let compressed = UInt64(stored.count)
        let (most, overflow) = compressed.multipliedReportingOverflow(by: Self.largestRatio)
        guard overflow || size <= most + Self.ratioSlack else {
            throw .implausibleRatio(compressed: compressed, size: size)
        }
        return try Inflation.run(stored, size: Int(size), isWhole: true)
    }

    private static func checksum(of region: ByteRegion) -> UInt32 {
        region.withBytes { bytes in
            unsafe bytes.withUnsafeBytes { buffer in
                UInt32(
                    truncatingIfNeeded: unsafe crc32_z(
                        0, buffer.bindMemory(to: UInt8.self).baseAddress, buffer.count))
            }
        }
    }
}

/// Raw deflate (RFC 1951), by zlib, into a buffer whose size is known and never exceeded.
private enum Inflation {
    private static let rawWindowBits: Int32 = -15

    /// - Parameter isWhole: the stream must end exactly with the last byte.
    static func run(
        _ region: ByteRegion, size: Int, isWhole: Bool
    ) throws(ZipFault) -> [UInt8] {
        var stream = unsafe z_stream()
        guard unsafe czlib_inflate_init(&stream, rawWindowBits) == Z_OK else {
            throw .badDeflateStream
        }
        defer { _ = unsafe inflateEnd(&stream) }
        // One byte more than wanted, so that a stream that goes on is noticed.
        var output = [UInt8](repeating: 0, count: size + (isWhole ? 1 : 0))
        let status = region.withBytes { input in
            unsafe input.withUnsafeBytes { source in
                unsafe output.withUnsafeMutableBytes { target in
                    unsafe feed(&stream, source, target)
                }
            }
        }
        let written = Int(unsafe stream.total_out)
        guard written == size, isWhole ? status == Z_STREAM_END : status != Z_DATA_ERROR else {
            throw .badDeflateStream
        }
        output.removeLast(output.count - size)
        return output
    }

    /// zlib counts in 32 bits, so both sides go in pieces.
    private static func feed(
        _ stream: inout z_stream, _ source: UnsafeRawBufferPointer,
        _ target: UnsafeMutableRawBufferPointer
    ) -> Int32 {
        var (read, written) = (0, 0)
        var status = Z_OK
        while status == Z_OK, written < target.count {
            let input = min(source.count - read, Int(Int32.max))
            let output = min(target.count - written, Int(Int32.max))
            guard let from = source.baseAddress, let to = target.baseAddress else {
                return Z_DATA_ERROR
            }
            unsafe stream.next_in = UnsafeMutablePointer(
                mutating: (from + read).assumingMemoryBound(to: UInt8.self))
            unsafe stream.avail_in = UInt32(input)
            unsafe stream.next_out = (to + written).assumingMemoryBound(to: UInt8.self)
            unsafe stream.avail_out = UInt32(output)
            status = unsafe inflate(&stream, Z_NO_FLUSH)
            read += input - Int(unsafe stream.avail_in)
            written += output - Int(unsafe stream.avail_out)
        }
        return status
    }
}
