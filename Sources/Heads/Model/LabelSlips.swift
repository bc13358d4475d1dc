/// Texts that hold labels, but not one a line.
enum LabelSlips {
    /// The reason why the whole text is no list of labels, with the way out; nil where it may be
    /// one. Cost O(n) where the text begins as JSON does, else O(first line).
    static func reason(_ bytes: some Collection<UInt8>) -> String? {
        if isJSON(bytes) { return "this is JSON; write the labels as they are, one a line" }
        guard !bytes.contains(UInt8(ascii: "\n")), hasReturnInside(bytes) else { return nil }
        return "its lines end in carriage returns alone; save it with LF line ends"
    }

    /// A list of texts, or of several values, or an object with members; one word in brackets may
    /// be a label.
    private static func isJSON(_ bytes: some Collection<UInt8>) -> Bool {
        let first = bytes.first { $0 > 0x20 }
        guard first == UInt8(ascii: "[") || first == UInt8(ascii: "{"),
            let value = try? ManifestScanner.value(of: Array(bytes))
        else { return false }
        return switch value {
        case .list(let values): values.count > 1 || values.contains { $0.isText }
        case .object(let members): !members.isEmpty
        default: false
        }
    }

    private static func hasReturnInside(_ bytes: some Collection<UInt8>) -> Bool {
        guard let place = bytes.firstIndex(of: UInt8(ascii: "\r")) else { return false }
        return bytes[place...].contains { $0 > 0x20 }
    }
}

extension ManifestValue {
    fileprivate var isText: Bool { if case .text = self { true } else { false } }
}
