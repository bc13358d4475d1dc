internal import CSimdJSON

/// A value in the document its parser has parsed last.
///
/// Safety: it points into the parser, so it is used only inside the call that parsed the document,
/// while the parser is alive and has not parsed again; the decoders of this module hand none out.
@safe struct JSONValue {
    private let parser: OpaquePointer
    private let element: csj_element

    init(parser: OpaquePointer, element: csj_element) {
        unsafe self.parser = parser
        self.element = element
    }

    var kind: JSONKind { JSONKind(unsafe csj_type_of(parser, element)) }

    /// The value as an unsigned 64-bit integer. Numbers that lie outside all 64-bit integers are
    /// outside however they are written: `1e20` and its 21 digits mean the same to the parser.
    var unsignedInteger: UnsignedReading {
        var value: UInt64 = 0
        if unsafe csj_get_uint64(parser, element, &value) { return .value(value) }
        switch kind {
        case .integer: return .outside
        case .fraction:
            let double = double ?? 0
            return double < 0x1p64 && double > -0x1p63 ? .wrongType(.fraction) : .outside
        case let kind: return .wrongType(kind)
        }
    }

    /// Any number, rounded to double.
    var double: Double? {
        var value = 0.0
        return unsafe csj_get_double(parser, element, &value) ? value : nil
    }

    var string: String? {
        var bytes: UnsafePointer<CChar>?
        var count = 0
        guard unsafe csj_get_string(parser, element, &bytes, &count) else { return nil }
        return unsafe Self.string(bytes, count)
    }

    /// The elements of an array; of anything else none, or an object's keys and values in turn.
    var elements: JSONElements { unsafe JSONElements(parser: parser, of: element) }

    /// The members of an object in the document's order; of anything else none.
    var members: JSONMembers { unsafe JSONMembers(parser: parser, of: element) }

    /// The number of elements of an array: O(elements).
    var elementCount: Int { elements.reduce(0) { count, _ in count + 1 } }

    /// Appends the numbers of an array, each rounded to double and then to float, until the array
    /// ends, `room` of them are there, or an element cannot be converted. `output` has that room.
    func appendFloats(room: Int, to output: inout OutputSpan<Float>) -> FloatCopy {
        unsafe output.withUnsafeMutableBufferPointer { buffer, initialized in
            let free = unsafe buffer.baseAddress.map { unsafe $0 + initialized }
            var copied = 0
            let end = unsafe csj_copy_floats(
                parser, element, free, min(room, buffer.count - initialized), &copied)
            initialized += copied
            return FloatCopy(end: end, count: copied)
        }
    }

    fileprivate static func string(_ bytes: UnsafePointer<CChar>?, _ count: Int) -> String {
        let buffer = unsafe UnsafeBufferPointer(start: bytes, count: count)
        return unsafe String(decoding: UnsafeRawBufferPointer(buffer), as: UTF8.self)
    }

    /// The next member behind `cursor`.
    fileprivate static func nextMember(
        _ parser: OpaquePointer, _ cursor: inout csj_cursor
    ) -> (key: String, value: JSONValue)? {
        var key: UnsafePointer<CChar>?
        var count = 0
        var element = csj_element()
        guard unsafe csj_next_member(parser, &cursor, &key, &count, &element) else { return nil }
        return unsafe (string(key, count), JSONValue(parser: parser, element: element))
    }
}

/// A value read as an unsigned 64-bit integer.
enum UnsignedReading {
    case value(UInt64)
    /// An integer, but negative or too large.
    case outside
    case wrongType(JSONKind)
}

/// The extent of a bulk copy.
struct FloatCopy {
    enum End {
        case complete, notANumber, notFinite, tooMany
    }

    static let empty = FloatCopy(end: CSJ_COPIED, count: 0)

    let end: End
    /// Floats copied, and the index of the element that ended it.
    let count: Int

    init(end: csj_copy_end, count: Int) {
        self.count = count
        switch end {
        case CSJ_COPIED: self.end = .complete
        case CSJ_NOT_FINITE: self.end = .notFinite
        case CSJ_TOO_MANY: self.end = .tooMany
        default: self.end = .notANumber
        }
    }
}

@safe struct JSONElements: Sequence, IteratorProtocol {
    private let parser: OpaquePointer
    private var cursor: csj_cursor

    init(parser: OpaquePointer, of element: csj_element) {
        unsafe self.parser = parser
        cursor = unsafe csj_children(parser, element)
    }

    mutating func next() -> JSONValue? {
        var element = csj_element()
        guard unsafe csj_next_element(parser, &cursor, &element) else { return nil }
        return unsafe JSONValue(parser: parser, element: element)
    }
}

@safe struct JSONMembers: Sequence, IteratorProtocol {
    private let parser: OpaquePointer
    private var cursor: csj_cursor

    init(parser: OpaquePointer, of element: csj_element) {
        unsafe self.parser = parser
        cursor = unsafe csj_children(parser, element)
    }

    mutating func next() -> (key: String, value: JSONValue)? {
        unsafe JSONValue.nextMember(parser, &cursor)
    }
}
