/// Reads a `ByteView` from front to back; every read is checked against what is left.
struct ByteCursor {
    let view: ByteView
    let path: String
    /// Names the view in errors, for example `central directory`.
    let part: String
    private(set) var offset = 0

    var remaining: Int { view.count - offset }

    init(_ view: ByteView, path: String, part: String) {
        self.view = view
        self.path = path
        self.part = part
    }

    /// The next `count` bytes, which must be there.
    mutating func take(_ count: Int) throws(CheckpointError) -> ByteView {
        guard let slice = view.slice(at: offset, count: count) else {
            throw .truncated(
                path: path, part: part, offset: offset, needed: count, available: remaining)
        }
        offset += count
        return slice
    }

    mutating func skip(_ count: Int) throws(CheckpointError) {
        _ = try take(count)
    }

    /// The next little-endian integer.
    mutating func integer<Value: FixedWidthInteger & BitwiseCopyable>(
        _ type: Value.Type
    ) throws(CheckpointError) -> Value {
        let slice = try take(MemoryLayout<Value>.size)
        let stored = slice.withSpan { span in
            unsafe span.bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: Value.self)
        }
        return Value(littleEndian: stored)
    }

    mutating func byte() throws(CheckpointError) -> UInt8 {
        try integer(UInt8.self)
    }

    /// The bytes up to the next line feed, which is consumed; nil when none is among the next
    /// `count` bytes and the one behind them.
    mutating func line(atMost count: Int) throws(CheckpointError) -> ByteView? {
        let start = offset
        let searched = 0..<(min(count, remaining - 1) + 1)
        let length = view.withSpan { span in
            searched.first { span[start + $0] == UInt8(ascii: "\n") }
        }
        guard let length else { return nil }
        let slice = try take(length)
        try skip(1)
        return slice
    }
}
