internal import ByteText

/// A text of labels, one a line: UTF-8, a byte order mark in front or not, lines ending in LF or
/// CRLF, the last one perhaps in nothing.
enum LabelText {
    /// The labels in the order of their lines. Blank lines at the end are no labels; one before a
    /// label is refused, because it would shift the labels behind it or be one that nobody sees.
    /// Refused with their lines, too: bytes that are no UTF-8, control characters, byte order
    /// marks inside, and what holds labels in another way. `path` is for messages. Cost O(n).
    static func labels(of bytes: [UInt8], path: String) throws(ModelError) -> [String] {
        if let encoding = WideEncoding.name(of: bytes) {
            throw .label(
                path: path, line: 1, reason: "this is \(encoding) text; save it as UTF-8")
        }
        if let offset = UTF8Check.firstFault(of: bytes.span) {
            let line = 1 + bytes[..<offset].count { $0 == UInt8(ascii: "\n") }
            throw .label(path: path, line: line, reason: "not UTF-8; save the file as UTF-8")
        }
        if let reason = LabelSlips.reason(bytes.dropFirst(ByteOrderMark.length(in: bytes.span))) {
            throw .label(path: path, line: 1, reason: reason)
        }
        var lines = bytes.dropFirst(ByteOrderMark.length(in: bytes.span))
            .split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { $0.last == UInt8(ascii: "\r") ? $0.dropLast() : $0 }
        while let last = lines.last, isBlank(last) { lines.removeLast() }
        var labels: [String] = []
        labels.reserveCapacity(lines.count)
        for (index, line) in lines.enumerated() {
            if let reason = defect(line) {
                throw .label(path: path, line: index + 1, reason: reason)
            }
            labels.append(String(decoding: line, as: UTF8.self))
        }
        return labels
    }

    private static func isBlank(_ line: ArraySlice<UInt8>) -> Bool {
        line.allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    }

    /// The reason why a line is no label.
    private static func defect(_ line: ArraySlice<UInt8>) -> String? {
        if isBlank(line) { return "a blank line before other labels; every line is a label" }
        let mark = ByteOrderMark.bytes
        var previous: UInt8 = 0
        for (index, byte) in zip(line.indices, line) {
            // C1 controls are C2 80 to C2 9F.
            let isSecond = previous == 0xC2 && byte < 0xA0
            if byte < 0x20 || byte == 0x7F || isSecond {
                let scalar = Unicode.Scalar(byte)
                return "control character \(ManifestExcerpt.codePoint(scalar)) in a label; "
                    + "remove it"
            }
            if byte == mark[0], line[index...].starts(with: mark) {
                return "a byte order mark in a label; remove it"
            }
            previous = byte
        }
        return nil
    }
}
