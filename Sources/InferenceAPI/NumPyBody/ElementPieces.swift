internal import NumPyFormat

/// The elements of an array as their bytes come, whole ones only.
struct ElementPieces {
    /// Elements that lie side by side.
    struct Piece {
        /// Their indices in the order of the body.
        let elements: Range<Int>
        /// Their bytes among those at hand.
        let bytes: Range<Int>
    }

    private let body: any BodySource
    private let layout: ArrayLayout
    /// The bytes at hand.
    private(set) var bytes: [UInt8]
    /// The place behind the last piece among them.
    private var offset: Int
    /// Elements of all pieces so far.
    private var count = 0

    /// `bytes` are what has come of the body, the header among them.
    init(_ body: any BodySource, _ bytes: [UInt8], _ layout: ArrayLayout) {
        (self.body, self.bytes, self.layout) = (body, bytes, layout)
        offset = layout.start
    }

    /// The next elements; nil behind the last one, when the body has ended there.
    mutating func next() throws(RequestError) -> Piece? {
        let size = layout.element.byteCount
        let total = layout.rowCount * layout.width
        load(count < total ? size : 1)
        guard count < total else {
            if offset < bytes.count {
                throw .malformedArray(.bytesBehind(declared: layout.byteCount))
            }
            return nil
        }
        let found = min((bytes.count - offset) / size, total - count)
        guard found > 0 else {
            let found = count * size + bytes.count - offset
            throw .malformedArray(.lengthMismatch(declared: layout.byteCount, found: found))
        }
        defer {
            count += found
            offset += found * size
        }
        return Piece(
            elements: count..<count + found, bytes: offset..<offset + found * size)
    }

    /// Brings at least `count` bytes to hand, or all that there are; drops what was read.
    private mutating func load(_ count: Int) {
        guard bytes.count - offset < count, body.hasMore else { return }
        bytes.removeFirst(offset)
        offset = 0
        body.read(into: &bytes, atLeast: count)
    }
}
