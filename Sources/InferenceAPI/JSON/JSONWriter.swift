/// Appends a JSON text to one buffer of bytes.
///
/// Commas and colons are its own; that objects hold keys and values in turn, and that everything
/// that was begun is ended, is its caller's.
package struct JSONWriter {
    /// JSON has no such number.
    package struct NotFinite: Error, Equatable, CustomStringConvertible {
        /// Index of the value in its array; 0 for a single value.
        package let index: Int

        package var description: String { "value \(index) is not finite" }
    }

    /// The text so far: UTF-8.
    package private(set) var bytes: [UInt8]
    /// Something stands before the next value or key that a comma parts it from.
    private var needsComma = false

    /// Writes behind what `buffer` holds already.
    package init(appendingTo buffer: consuming [UInt8] = []) {
        bytes = buffer
    }

    package mutating func beginObject() { begin(UInt8(ascii: "{")) }
    package mutating func endObject() { end(UInt8(ascii: "}")) }
    package mutating func beginArray() { begin(UInt8(ascii: "[")) }
    package mutating func endArray() { end(UInt8(ascii: "]")) }

    /// The key of the value that comes next. Keys are the source's own and need no escapes.
    package mutating func key(_ name: StaticString) {
        beginValue()
        bytes.append(addingCapacity: name.utf8CodeUnitCount + 3) { output in
            output.append(UInt8(ascii: "\""))
            name.withUTF8Buffer { name in
                for index in name.indices { unsafe output.append(name[index]) }
            }
            output.append(UInt8(ascii: "\""))
            output.append(UInt8(ascii: ":"))
        }
        needsComma = false
    }

    package mutating func string(_ text: String) {
        beginValue()
        JSONStringText.append(text, to: &bytes)
    }

    package mutating func bool(_ value: Bool) {
        beginValue()
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    package mutating func null() {
        beginValue()
        bytes.append(contentsOf: "null".utf8)
    }

    package mutating func integer(_ value: Int) {
        beginValue()
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        digits(UInt64(value.magnitude))
    }

    package mutating func integer(_ value: UInt64) {
        beginValue()
        digits(value)
    }

    private mutating func digits(_ value: UInt64) {
        if value >= 10 { digits(value / 10) }
        bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value % 10))
    }

    /// The shortest number that reads back as the same float. A value that is not finite is
    /// refused, and nothing is written.
    package mutating func number(_ value: Float) throws(NotFinite) {
        if !value.isFinite { throw NotFinite(index: 0) }
        beginValue()
        bytes.append(addingCapacity: FloatText.maxBytes) { output in
            FloatText.append(value, to: &output)
        }
    }

    /// The shortest number that reads back as the same double. A value that is not finite is
    /// refused, and nothing is written.
    package mutating func number(_ value: Double) throws(NotFinite) {
        if !value.isFinite { throw NotFinite(index: 0) }
        beginValue()
        bytes.append(contentsOf: value.description.utf8)
    }

    /// An array of floats, each as `number` writes it; the buffer grows at most once. If one is
    /// not finite the array is refused, and nothing is written.
    package mutating func array(_ values: Span<Float>) throws(NotFinite) {
        for index in values.indices where !values[index].isFinite {
            throw NotFinite(index: index)
        }
        beginArray()
        let room = values.count * (FloatText.maxBytes + 1)
        reserve(room + 1)
        bytes.append(addingCapacity: room) { output in
            for index in values.indices {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                FloatText.append(values[index], to: &output)
            }
        }
        endArray()
    }

    /// Makes room by doubling at least: reserving exactly, row by row, would copy all of what is
    /// there for each row.
    private mutating func reserve(_ count: Int) {
        let needed = bytes.count + count
        if needed > bytes.capacity { bytes.reserveCapacity(max(needed, 2 * bytes.capacity)) }
    }

    private mutating func beginValue() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func begin(_ bracket: UInt8) {
        beginValue()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func end(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }
}
