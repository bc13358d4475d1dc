internal import NumPyFormat

/// The element type of a NumPy array in a pickle.
enum PickledArrayType {
    case read(NumPyElement)
    /// As in `UnreadTensor.type`.
    case unread(String)

    /// Reads a `numpy.dtype` called with a code such as `f4`, whose state is (version, byte order,
    /// subarray, names of fields, fields, …). Types of other packages are called with their class.
    init?(_ value: PickleValue, in document: PickleDocument) {
        guard let node = document.node(value), node.kind == .record,
            node.name == PickleNode.Name(module: "numpy", name: "dtype"),
            let first = document.sequence(node.arguments)?.first,
            let state = document.sequence(node.state), state.count >= 5,
            let order = document.text(state[1])
        else { return nil }
        if let type = document.globalName(first) {
            let isKnown = type.module == "ml_dtypes" && type.name == "bfloat16"
            self = isKnown ? .init(descriptor: "\(order)V2") : .unread(type.excerpt)
            return
        }
        guard let code = document.text(first) else { return nil }
        let isPlain = state[2] == .none && state[3] == .none
        // An order of the machine that wrote the file; nearly all are little-endian.
        let descriptor = (order == "=" ? "<" : order) + code
        self = isPlain ? .init(descriptor: descriptor) : .unread("records")
    }

    private init(descriptor: String) {
        do throws(ArrayDefect) {
            self = .read(try NumPyElement(descriptor: descriptor))
        } catch {
            self = .unread(error.unreadType ?? "an array")
        }
    }
}
