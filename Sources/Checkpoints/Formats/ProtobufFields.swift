/// The outermost fields of a protocol buffer, as far as its first bytes show them: enough to tell
/// the models of ONNX and TensorFlow, whose files have no signature.
struct ProtobufFields {
    private struct Field {
        let number: Int
        /// Nil for a number.
        let content: ArraySlice<UInt8>?
    }

    private let fields: [Field]

    /// Nil where `bytes` cannot be read so. The last field may reach beyond them.
    private init?(_ bytes: ArraySlice<UInt8>) {
        var fields: [Field] = []
        var rest = bytes
        while !rest.isEmpty {
            guard let tag = Self.varint(&rest), tag >> 3 > 0 else { return nil }
            switch tag & 7 {
            case 0:
                guard Self.varint(&rest) != nil else { return nil }
                fields.append(Field(number: tag >> 3, content: nil))
            case 2:
                guard let count = Self.varint(&rest) else { return nil }
                fields.append(Field(number: tag >> 3, content: rest.prefix(count)))
                rest = rest.dropFirst(count)
            default: return nil
            }
        }
        self.fields = fields
    }

    /// The numbers of fields that lie in `bytes`, at most 62 bits each.
    private static func varint(_ rest: inout ArraySlice<UInt8>) -> Int? {
        var value = 0
        for shift in stride(from: 0, to: 63, by: 7) {
            guard let byte = rest.popFirst() else { return nil }
            value |= Int(byte & 0x7f) << shift
            if byte < 0x80 { return value }
        }
        return nil
    }

    private subscript(number: Int) -> Field? { fields.first { $0.number == number } }

    /// The kind of model whose file begins with `bytes`, or nil.
    static func format(of bytes: [UInt8]) -> RecognizedFormat? {
        guard let model = ProtobufFields(bytes[...]), let first = model.fields.first else {
            return nil
        }
        // ONNX: the version of the format, texts about the writer, then the graph.
        if first.number == 1, first.content == nil, model[7]?.content != nil { return .onnx }
        // SavedModel: the version of its schema, then graphs that begin with their description.
        if first.number == 1, first.content == nil, let graph = model[2]?.content,
            graph.first == 0x0a
        {
            return .tensorFlowGraph
        }
        // A graph alone: nodes of a name and an operation.
        if first.number == 1, let node = first.content.flatMap(ProtobufFields.init),
            let name = node[1]?.content, let operation = node[2]?.content,
            isText(name), isText(operation)
        {
            return .tensorFlowGraph
        }
        return nil
    }

    private static func isText(_ bytes: ArraySlice<UInt8>) -> Bool {
        !bytes.isEmpty && bytes.allSatisfy { (0x20..<0x7f).contains($0) }
    }
}
