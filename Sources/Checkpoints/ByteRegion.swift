/// Bytes of a checkpoint, mapped or inflated, kept alive by whoever refers to them.
struct ByteRegion: Sendable {
    private enum Owner: Sendable {
        case file(MappedFile)
        case bytes([UInt8])
    }

    private let owner: Owner
    private let range: Range<Int>

    init(_ file: MappedFile) {
        owner = .file(file)
        range = 0..<file.count
    }

    init(_ bytes: [UInt8]) {
        owner = .bytes(bytes)
        range = 0..<bytes.count
    }

    private init(owner: Owner, range: Range<Int>) {
        self.owner = owner
        self.range = range
    }

    var count: Int { range.count }

    /// `count` bytes from `offset` on; nil when they are not all there.
    func slice(offset: UInt64, count: UInt64) -> ByteRegion? {
        let (end, overflow) = offset.addingReportingOverflow(count)
        guard !overflow, end <= UInt64(self.count) else { return nil }
        let start = range.lowerBound + Int(offset)
        return ByteRegion(owner: owner, range: start..<start + Int(count))
    }

    /// Everything from `offset` on; nil when that is beyond the end.
    func suffix(from offset: Int) -> ByteRegion? {
        guard offset >= 0, offset <= count else { return nil }
        return slice(offset: UInt64(offset), count: UInt64(count - offset))
    }

    /// Lends the bytes.
    func withBytes<Result, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        switch owner {
        case .file(let file):
            return try file.withBytes { bytes throws(Failure) in
                try body(bytes.extracting(range))
            }
        case .bytes(let bytes):
            return try body(unsafe bytes.span.bytes.extracting(range))
        }
    }

    /// A little-endian number; nil when it is not all there.
    func integer<Number: FixedWidthInteger & BitwiseCopyable>(
        at offset: UInt64, as type: Number.Type
    ) -> Number? {
        let size = UInt64(MemoryLayout<Number>.size)
        guard let slice = slice(offset: offset, count: size) else { return nil }
        return slice.withBytes { bytes in
            unsafe Number(littleEndian: bytes.unsafeLoadUnaligned(as: Number.self))
        }
    }

    /// A copy of the bytes.
    func copy() -> [UInt8] {
        withBytes { bytes in unsafe bytes.withUnsafeBytes { unsafe [UInt8]($0) } }
    }
}
