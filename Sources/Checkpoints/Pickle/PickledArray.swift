/// A NumPy array or scalar in a pickle. Its bytes lie in the pickle too.
struct PickledArray {
    /// The callable that the pickle names, for errors.
    let constructor: PickleNode.Name
    let element: NumPyElement
    /// Still as in the pickle.
    let sizes: [PickleValue]
    let isFortranOrder: Bool
    let bytes: PickledBytes

    /// Recognises what NumPy 1 and 2 write, up to protocol 4 and in protocol 5; nil for any other
    /// record. O(1).
    static func recognize(
        _ record: PickleNode, in document: PickleDocument
    ) -> TensorRecognition? {
        let arguments = document.sequence(record.arguments) ?? []
        switch (record.name.module, record.name.name) {
        case ("numpy.core.multiarray", "_reconstruct"), ("numpy._core.multiarray", "_reconstruct"):
            return reconstructed(record, in: document)
        case ("numpy.core.numeric", "_frombuffer"), ("numpy._core.numeric", "_frombuffer"):
            guard arguments.count == 4, let order = document.text(arguments[3]) else { break }
            return array(
                record.name, arguments[1], arguments[2], order: order, arguments[0], in: document)
        case ("numpy.core.multiarray", "scalar"), ("numpy._core.multiarray", "scalar"):
            guard arguments.count == 2 else { break }
            return array(record.name, arguments[0], nil, order: "C", arguments[1], in: document)
        default: return nil
        }
        return .malformed(constructor: record.name)
    }

    /// An empty array whose state makes it what it is: version, shape, type, whether it is in
    /// Fortran order, bytes. The first versions of NumPy had no version there.
    private static func reconstructed(
        _ record: PickleNode, in document: PickleDocument
    ) -> TensorRecognition {
        guard let type = document.sequence(record.arguments)?.first.flatMap(document.globalName),
            let state = document.sequence(record.state), (4...5).contains(state.count)
        else { return .malformed(constructor: record.name) }
        guard type.module == "numpy", type.name == "ndarray" else {
            return .unread(UnreadKind(type))
        }
        let parts = state.suffix(4)
        let first = parts.startIndex
        let isFortranOrder: Bool
        switch parts[first + 2] {
        case .bool(let value): isFortranOrder = value
        case .int(let value): isFortranOrder = value != 0
        default: return .malformed(constructor: record.name)
        }
        return array(
            record.name, parts[first + 1], parts[first], order: isFortranOrder ? "F" : "C",
            parts[first + 3], in: document)
    }

    /// The array of these parts, of which `shape` is nil for a scalar.
    private static func array(
        _ constructor: PickleNode.Name, _ type: PickleValue, _ shape: PickleValue?, order: String,
        _ content: PickleValue, in document: PickleDocument
    ) -> TensorRecognition {
        let sizes = shape.map(document.sequence) ?? []
        guard let sizes, let descriptor = PickledArrayType(type, in: document) else {
            return .malformed(constructor: constructor)
        }
        switch descriptor {
        case .unread(let type):
            let reason = "NumPy arrays of \(type) are not read"
            return .unread(UnreadKind(type: type, reason: reason, sizes: sizes, isArray: true))
        case .read(let element):
            guard let bytes = PickledBytes(content, in: document), ["C", "F"].contains(order) else {
                return .malformed(constructor: constructor)
            }
            let array = PickledArray(
                constructor: constructor, element: element, sizes: sizes,
                isFortranOrder: order == "F", bytes: bytes)
            return .array(array)
        }
    }
}
