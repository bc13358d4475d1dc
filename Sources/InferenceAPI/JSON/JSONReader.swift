internal import ByteText
internal import CNumberText

/// Reads a JSON text (RFC 8259) front to back while its bytes come. There is no tree: a value is
/// taken where it stands, and what is read is kept by the caller alone.
///
/// Each call checks the grammar of all it takes, so that a text that has been read to its end is
/// JSON. Numbers and what surrounds a token are looked at within one array of bytes: at most
/// `maxNumberBytes` of them are carried over from one piece of the text to the next.
struct JSONReader {
    /// A step from a container to the value that is read.
    enum Step {
        case element(Int)
        /// Nil before its key is read.
        case member(String?)
    }

    /// Characters of a number.
    static let maxNumberBytes = Int(CNT_MAX_NUMBER_BYTES)

    private let source: any BodySource
    /// The bytes at hand.
    private(set) var bytes: [UInt8] = []
    /// The next byte's place among them.
    var offset = 0
    var path: [Step] = []
    /// Bytes of the text before those at hand.
    private var passedBytes = 0
    /// Line feeds among them.
    private var passedLines = 0
    /// The place in the text behind the last of them.
    private var lineStart = 0

    /// Begins a text; a byte order mark before it is no part of it (§8.1).
    init(_ source: any BodySource) {
        self.source = source
        load(ByteOrderMark.bytes.count)
        offset = ByteOrderMark.length(in: bytes.span)
    }

    /// Whether all bytes so far are at hand.
    var isAtStart: Bool { passedBytes == 0 }

    /// A bound of the bytes that are still to come.
    var maxRemainingBytes: Int { max(0, source.maxByteCount - passedBytes - offset) }

    /// The next byte; nil at the end.
    var byte: UInt8? {
        mutating get {
            if offset == bytes.count { load(1) }
            return offset < bytes.count ? bytes[offset] : nil
        }
    }

    /// Brings at least `count` bytes to hand, or all that there are. Whatever was read is dropped
    /// then.
    mutating func load(_ count: Int) {
        guard bytes.count - offset < count, source.hasMore else { return }
        pass()
        source.read(into: &bytes, atLeast: count)
    }

    /// Drops the bytes that were read.
    private mutating func pass() {
        guard offset > 0 else { return }
        let lines = Self.lines(in: bytes, upTo: offset)
        if lines > 0, let last = bytes[..<offset].lastIndex(of: UInt8(ascii: "\n")) {
            passedLines += lines
            lineStart = passedBytes + last + 1
        }
        passedBytes += offset
        bytes.removeFirst(offset)
        offset = 0
    }

    private static func lines(in bytes: [UInt8], upTo end: Int) -> Int {
        unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe buffer.baseAddress.map { unsafe cnt_count_lines($0, end) } ?? 0
        }
    }

    mutating func skipSpace() {
        while true {
            // Most tokens follow each other, or a single space.
            guard offset == bytes.count || bytes[offset] <= 0x20 else { return }
            let start = offset
            offset = unsafe bytes.withUnsafeBufferPointer { buffer in
                unsafe buffer.baseAddress.map { unsafe cnt_skip_space($0, buffer.count, start) }
                    ?? start
            }
            guard offset == bytes.count, source.hasMore else { return }
            load(1)
        }
    }

    /// The end of the text.
    mutating func end() throws(RequestError) {
        skipSpace()
        if byte != nil { throw fault(.end) }
    }
}

extension JSONReader {
    /// The place of the value that is read.
    var pointer: JSONPointer { pointer(through: path[...]) }

    /// The place of its container.
    private var containerPointer: JSONPointer { pointer(through: path.dropLast()) }

    private func pointer(through steps: ArraySlice<Step>) -> JSONPointer {
        steps.reduce(JSONPointer()) { pointer, step in
            switch step {
            case .element(let index): pointer.appending(index)
            case .member(let key): key.map(pointer.appending) ?? pointer
            }
        }
    }

    /// The error at the next byte.
    func fault(_ expected: JSONExpectation) -> RequestError { fault(expected, at: pointer) }

    /// An error between two elements or members: it is the container's.
    func containerFault(_ expected: JSONExpectation) -> RequestError {
        fault(expected, at: containerPointer)
    }

    private func fault(_ expected: JSONExpectation, at pointer: JSONPointer) -> RequestError {
        .malformedJSON(at: position, expected: expected, pointer: pointer)
    }

    private var position: TextPosition {
        let place = passedBytes + offset
        let read = bytes[..<offset]
        let lines = read.count { $0 == UInt8(ascii: "\n") }
        let start =
            read.lastIndex(of: UInt8(ascii: "\n")).map { passedBytes + $0 + 1 } ?? lineStart
        return TextPosition(
            offset: place, line: 1 + passedLines + lines, column: 1 + place - start)
    }

    func wrongType(_ expected: [JSONKind], found: JSONKind) -> RequestError {
        .wrongType(.body(pointer), expected: expected, found: found)
    }
}
