package import HTTPTypes

/// The header fields of a message, in their order and with names in their case.
///
/// All bytes are in one array in wire form, `NAME: VALUE` and a line end for each field, so that a
/// message of any number of fields costs two allocations and is written with one copy; lookups
/// compare bytes without building strings. Lookups are O(number of fields): the limits keep that
/// number small, and there is no hash to attack. Equality is of names, values and order.
package struct HTTPHeaders: Sendable {
    /// The places of a field's name and value in `bytes`.
    private struct Field {
        var name: Range<Int>
        var value: Range<Int>
    }

    /// Room for the fields of most messages, so that adding them does not reallocate.
    private static let usualBytes = 256
    private static let usualFields = 8
    /// Bytes between a name and its value.
    private static let separatorBytes = 2

    private var bytes: [UInt8] = []
    private var fields: [Field] = []

    /// No fields.
    package init() {}

    /// The number of field lines.
    package var count: Int { fields.count }

    /// Adds a field after the others.
    ///
    /// Throws `.illegalValue` if the value has a byte that is not allowed in a header line (CR, LF,
    /// NUL, any other control byte but HTAB), or begins or ends with white space.
    package mutating func append(
        _ name: HTTPField.Name, _ value: String
    ) throws(HTTPHeaderError) {
        guard Self.isValue(value.utf8.span) else { throw .illegalValue(name: name.rawName) }
        add(name: name.rawName.utf8.span, value: value.utf8.span)
    }

    /// Adds a field whose value is a literal. A value that is not allowed in a header line is a bug
    /// in the caller and stops the process.
    package mutating func append(_ name: HTTPField.Name, literal value: StaticString) {
        value.withUTF8Buffer { buffer in
            let text = unsafe buffer.span
            precondition(Self.isValue(text), "no header value")
            add(name: name.rawName.utf8.span, value: text)
        }
    }

    private static func isValue(_ text: Span<UInt8>) -> Bool {
        for index in text.indices where !Grammar.isFieldValue(text[index]) { return false }
        guard let last = text.indices.last else { return true }
        return !Grammar.isWhitespace(text[0]) && !Grammar.isWhitespace(text[last])
    }

    /// Adds a field that the parser has already checked.
    mutating func append(name: ArraySlice<UInt8>, value: ArraySlice<UInt8>) {
        add(name: name.span, value: value.span)
    }

    private mutating func add(name: Span<UInt8>, value: Span<UInt8>) {
        if fields.isEmpty {
            bytes.reserveCapacity(Self.usualBytes)
            fields.reserveCapacity(Self.usualFields)
        }
        let start = bytes.count
        let middle = start + name.count + Self.separatorBytes
        bytes.append(span: name)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(Grammar.space)
        bytes.append(span: value)
        bytes.appendLineEnd()
        fields.append(
            Field(name: start..<start + name.count, value: middle..<middle + value.count))
    }

    /// The value of the field; nil if there is none. Repeated lines are joined by `", "` in their
    /// order (RFC 9110 §5.2). Bytes that are not UTF-8 become U+FFFD.
    package subscript(name: HTTPField.Name) -> String? {
        let values = self.values(of: name)
        return values.count > 1 ? values.joined(separator: ", ") : values.first
    }

    /// The value of each line of the field, in order.
    package func values(of name: HTTPField.Name) -> [String] {
        rawValues(of: name).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Whether there is at least one line of the field.
    package func contains(_ name: HTTPField.Name) -> Bool {
        fields.contains { bytes[$0.name].equalsIgnoringCase(name.canonicalName) }
    }

    /// Whether the field, as a comma-separated list, has the member `token` (in lower case),
    /// ignoring case.
    package func list(_ name: HTTPField.Name, contains token: String) -> Bool {
        rawValues(of: name).contains { value in
            value.split(separator: UInt8(ascii: ",")).contains {
                $0.trimmingWhitespace().equalsIgnoringCase(token)
            }
        }
    }

    /// Whether there is exactly one line of the field and its value is `text` (in lower case),
    /// ignoring case. No allocation.
    package func has(_ name: HTTPField.Name, only text: String) -> Bool {
        var found = false
        for field in fields where bytes[field.name].equalsIgnoringCase(name.canonicalName) {
            if found || !bytes[field.value].equalsIgnoringCase(text) { return false }
            found = true
        }
        return found
    }

    /// Bytes of the fields in wire form.
    var serializedBytes: Int { bytes.count }

    /// All fields as names and values, in order. For tests; builds strings.
    package var pairs: [(name: String, value: String)] {
        fields.map {
            (
                String(decoding: bytes[$0.name], as: UTF8.self),
                String(decoding: bytes[$0.value], as: UTF8.self)
            )
        }
    }

    /// The value bytes of each line of the field, in order.
    func rawValues(of name: HTTPField.Name) -> [ArraySlice<UInt8>] {
        var values: [ArraySlice<UInt8>] = []
        for field in fields where bytes[field.name].equalsIgnoringCase(name.canonicalName) {
            values.append(bytes[field.value])
        }
        return values
    }

    /// Appends all fields, each as `NAME: VALUE` and a line end.
    func serialize(into output: inout [UInt8]) {
        output.append(contentsOf: bytes)
    }
}

extension HTTPHeaders: Equatable {
    package static func == (left: HTTPHeaders, right: HTTPHeaders) -> Bool {
        left.fields.count == right.fields.count
            && zip(left.fields, right.fields).allSatisfy { first, second in
                left.bytes[first.name] == right.bytes[second.name]
                    && left.bytes[first.value] == right.bytes[second.value]
            }
    }
}

extension HTTPField.Name {
    /// Two names that HTTPTypes does not export, because they belong to the framing, as they do
    /// here.
    static let hostField = Self(literal: "Host")
    static let transferEncodingField = Self(literal: "Transfer-Encoding")

    /// A field name from a literal, such as `X-Request-Id`. Text that is not a token is a bug in
    /// the caller and stops the process.
    package init(literal text: StaticString) {
        guard let name = HTTPField.Name(text.description) else {
            preconditionFailure("\(text) is no field name")
        }
        self = name
    }
}
