/// A PyTorch tensor as a pickle describes it: a view of a storage, nothing checked yet.
struct TorchTensor {
    /// The constructor that the pickle names, for errors.
    let constructor: PickleNode.Name
    let storage: TorchStorage
    let offset: Int
    /// Still as in the pickle: many tensors may share one tuple of any length.
    let sizes: [PickleValue]
    let strides: [PickleValue]
    /// `torch.float32` and so on where the storage is untyped.
    let elementType: PickleNode.Name?
    /// Whether each element is the negative of what its storage holds.
    private(set) var isNegated = false

    /// Recognises the constructors that `torch.save` writes; nil for any other record. O(1).
    /// `level` counts the records around this one.
    static func recognize(
        _ record: PickleNode, in document: PickleDocument, level: Int
    ) -> TensorRecognition? {
        let constructor = record.name
        if isParameter(constructor) { return content(of: record, in: document, level: level) }
        guard constructor.module.hasPrefix("torch."), constructor.name.hasPrefix("_rebuild_")
        else { return nil }
        let arguments = document.sequence(record.arguments) ?? []
        switch (constructor.module, constructor.name) {
        case ("torch._utils", "_rebuild_tensor"), ("torch._utils", "_rebuild_tensor_v2"):
            return view(
                constructor, arguments, elementType: nil, metadata: arguments.dropFirst(6),
                in: document)
        case ("torch._utils", "_rebuild_tensor_v3"):
            // Storage, offset, sizes, strides, requires_grad, hooks, element type.
            guard arguments.count > 6, let type = document.globalName(arguments[6]) else {
                return .malformed(constructor: constructor)
            }
            return view(
                constructor, arguments, elementType: type, metadata: arguments.dropFirst(7),
                in: document)
        case ("torch._utils", "_rebuild_device_tensor_from_numpy"):
            return inner(arguments.first, of: record, in: document, level: level)
        case ("torch._tensor", "_rebuild_from_type_v2"), ("torch._tensor", "_rebuild_from_type"):
            return typed(record, arguments, in: document, level: level)
        default:
            return .unread(UnreadKind(constructor, arguments, in: document))
        }
    }

    /// A tensor of a class: function, class, arguments of the function, state. Only of PyTorch's
    /// own classes it is known that elements mean what they are.
    private static func typed(
        _ record: PickleNode, _ arguments: [PickleValue], in document: PickleDocument, level: Int
    ) -> TensorRecognition {
        guard arguments.count == 4, let function = document.globalName(arguments[0]),
            let type = document.globalName(arguments[1])
        else { return .malformed(constructor: record.name) }
        let isPlain = ["torch.Tensor", "torch.nn.parameter.Parameter"].contains(type.full)
        guard isPlain, function.module == "torch._utils" else {
            return .unread(
                UnreadKind(
                    type: "a subclass of Tensor",
                    reason: "it is a \(type.excerpt), whose elements may mean anything"))
        }
        let call = PickleNode(kind: .record, name: function, arguments: arguments[2])
        return recognize(call, in: document, level: level) ?? .unread(UnreadKind(function))
    }

    /// The callables that PyTorch makes parameters with; before version 0.4.1 the classes
    /// themselves.
    private static func isParameter(_ constructor: PickleNode.Name) -> Bool {
        switch constructor.module {
        case "torch._utils": constructor.name.hasPrefix("_rebuild_parameter")
        case "torch.nn.parameter": constructor.name == "Parameter"
        case "torch.autograd.variable": constructor.name == "Variable"
        default: false
        }
    }

    /// The tensor in a parameter: its first argument or, in the oldest files, the first of the five
    /// parts of its state.
    private static func content(
        of parameter: PickleNode, in document: PickleDocument, level: Int
    ) -> TensorRecognition {
        let state = document.sequence(parameter.state) ?? []
        let data =
            document.sequence(parameter.arguments)?.first ?? (state.count == 5 ? state[0] : nil)
        return inner(data, of: parameter, in: document, level: level)
    }

    /// Records around a tensor: a parameter, its class, a device.
    private static let maxLevel = 3

    /// The tensor or array that `value`, an argument of `outer`, is.
    private static func inner(
        _ value: PickleValue?, of outer: PickleNode, in document: PickleDocument, level: Int
    ) -> TensorRecognition {
        guard level < maxLevel, let inner = value.flatMap(document.node), inner.kind == .record,
            !isParameter(inner.name)
        else { return .malformed(constructor: outer.name) }
        return TensorRecognition(inner, in: document, level: level + 1)
            ?? .unread(UnreadKind(inner.name))
    }

    private static func view(
        _ constructor: PickleNode.Name, _ arguments: [PickleValue],
        elementType: PickleNode.Name?, metadata: ArraySlice<PickleValue>,
        in document: PickleDocument
    ) -> TensorRecognition {
        guard arguments.count >= 4, let node = document.node(arguments[0]),
            let storage = TorchStorage(node, in: document), case .int(let offset) = arguments[1],
            let sizes = document.sizes(arguments[2]),
            let strides = document.sizes(arguments[3])
        else { return .malformed(constructor: constructor) }
        var tensor = TorchTensor(
            constructor: constructor, storage: storage, offset: offset, sizes: sizes,
            strides: strides, elementType: elementType)
        switch TorchMetadata(metadata, in: document) {
        case .plain: break
        case .negated: tensor.isNegated = true
        case .unknown(let key):
            let reason = "its metadata has the key \"\(key)\", which is not known"
            return .unread(
                UnreadKind(type: "a tensor of another kind", reason: reason, sizes: sizes))
        case .malformed: return .malformed(constructor: constructor)
        }
        return .view(tensor)
    }
}
