/// Composes the JSON header of a safetensors file, without white space.
struct SafetensorsHeaderText {
    private static let hexadecimal = Array("0123456789abcdef".utf8)

    private var bytes = Array("{".utf8)

    /// Begins with the metadata, in the order of their keys' bytes; with nothing when there are
    /// none.
    init(metadata: [String: String]) {
        guard !metadata.isEmpty else { return }
        appendKey(SafetensorsHeader.metadataKey)
        bytes.append(UInt8(ascii: "{"))
        let entries = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        for (key, value) in entries {
            appendKey(key)
            append(string: value)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    /// The entry of one tensor, whose elements lie in `begin..<end` of the data.
    mutating func append(_ tensor: TensorDescription, begin: Int, end: Int) {
        appendKey(tensor.name)
        let shape = tensor.shape.map(String.init).joined(separator: ",")
        let entry =
            "{\"dtype\":\"\(tensor.elementType.safetensorsName)\",\"shape\":[\(shape)],"
            + "\"data_offsets\":[\(begin),\(end)]}"
        bytes.append(contentsOf: entry.utf8)
    }

    consuming func finished() -> [UInt8] { bytes + Array("}".utf8) }

    /// A key, behind a comma unless it is an object's first.
    private mutating func appendKey(_ key: String) {
        if bytes.last != UInt8(ascii: "{") { bytes.append(UInt8(ascii: ",")) }
        append(string: key)
        bytes.append(UInt8(ascii: ":"))
    }

    /// RFC 8259: quote, backslash and control characters are escaped, everything else is kept.
    private mutating func append(string: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(contentsOf: [UInt8(ascii: "\\"), byte])
            case 0x08: bytes.append(contentsOf: "\\b".utf8)
            case 0x09: bytes.append(contentsOf: "\\t".utf8)
            case 0x0a: bytes.append(contentsOf: "\\n".utf8)
            case 0x0c: bytes.append(contentsOf: "\\f".utf8)
            case 0x0d: bytes.append(contentsOf: "\\r".utf8)
            case 0x00..<0x20:
                bytes.append(contentsOf: "\\u00".utf8)
                bytes.append(Self.hexadecimal[Int(byte >> 4)])
                bytes.append(Self.hexadecimal[Int(byte & 15)])
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
