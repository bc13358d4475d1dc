internal import ByteText
internal import Clocks

/// The form of log lines.
package enum LogFormat: String, CaseIterable, Sendable {
    case text
    case json
}

/// A log line appended to a buffer member by member: `TIME LEVEL MESSAGE NAME=VALUE …`, or a JSON
/// object. Allocates nothing but the buffer's growth.
///
/// The caller has made sure that texts are visible ASCII.
struct LogLine {
    private let format: LogFormat
    private var bytes: [UInt8]

    /// Begins a line at the end of `bytes`, which the line owns until `end` gives them back. With a
    /// second owner the first byte of each line would copy all waiting lines.
    init(
        _ format: LogFormat, appendingTo bytes: inout [UInt8], time: WallTime,
        level: StaticString, message: StaticString
    ) {
        self.format = format
        self.bytes = []
        swap(&self.bytes, &bytes)
        switch format {
        case .text:
            time.append(to: &self.bytes)
            append(" ")
            append(level)
            append(" ")
            append(message)
        case .json:
            append(#"{"time":""#)
            time.append(to: &self.bytes)
            append("\"")
            self.member("level", literal: level)
            self.member("message", literal: message)
        }
    }

    mutating func end(givingBack bytes: inout [UInt8]) {
        if format == .json { append("}") }
        append("\n")
        swap(&self.bytes, &bytes)
    }

    mutating func member(_ name: StaticString, _ text: String) {
        begin(name)
        guard format == .json else { return bytes.append(contentsOf: text.utf8) }
        append("\"")
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { append("\\") }
            bytes.append(byte)
        }
        append("\"")
    }

    mutating func member(_ name: StaticString, _ number: Int) {
        begin(name)
        bytes.append(decimal: UInt64(max(0, number)))
    }

    /// A duration, in milliseconds with three places, rounded down.
    mutating func member(_ name: StaticString, milliseconds nanoseconds: UInt64) {
        begin(name)
        bytes.append(milliseconds: nanoseconds)
    }

    private mutating func member(_ name: StaticString, literal: StaticString) {
        begin(name)
        append("\"")
        append(literal)
        append("\"")
    }

    private mutating func begin(_ name: StaticString) {
        append(format == .json ? ",\"" : " ")
        append(name)
        append(format == .json ? "\":" : "=")
    }

    private mutating func append(_ text: StaticString) { bytes.append(literal: text) }
}
