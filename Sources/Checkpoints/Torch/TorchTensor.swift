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

    /// A record in a pickle, as far as tensors go.
    enum Recognition {
        case tensor(TorchTensor)
        case malformed(constructor: PickleNode.Name)
        case unread(UnreadKind)
    }

    /// Recognises the constructors that `torch.save` writes; nil for any other record. O(1).
    static func recognize(_ record: PickleNode, in document: PickleDocument) -> Recognition? {
        let constructor = record.name
        if isParameter(constructor) { return content(of: record, in: document) }
        guard constructor.module.hasPrefix("torch."), constructor.name.hasPrefix("_rebuild_")
        else { return nil }
        guard constructor.module == "torch._utils" else {
            return .unread(UnreadKind(constructor))
        }
        let arguments = document.sequence(record.arguments) ?? []
        switch constructor.name {
        case "_rebuild_tensor", "_rebuild_tensor_v2":
            return view(constructor, arguments, elementType: nil, in: document)
        case "_rebuild_tensor_v3":
            // Storage, offset, sizes, strides, requires_grad, hooks, element type.
            guard arguments.count > 6, let type = document.globalName(arguments[6]) else {
                return .malformed(constructor: constructor)
            }
            return view(constructor, arguments, elementType: type, in: document)
        default:
            return .unread(UnreadKind(constructor, arguments, in: document))
        }
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
        of parameter: PickleNode, in document: PickleDocument
    ) -> Recognition {
        let state = document.sequence(parameter.state) ?? []
        let data =
            document.sequence(parameter.arguments)?.first ?? (state.count == 5 ? state[0] : nil)
        // No parameter holds a parameter, so this goes down one level at most.
        guard let inner = data.flatMap(document.node), inner.kind == .record,
            !isParameter(inner.name)
        else { return .malformed(constructor: parameter.name) }
        return recognize(inner, in: document) ?? .unread(UnreadKind(inner.name))
    }

    private static func view(
        _ constructor: PickleNode.Name, _ arguments: [PickleValue],
        elementType: PickleNode.Name?, in document: PickleDocument
    ) -> Recognition {
        guard arguments.count >= 4, let node = document.node(arguments[0]),
            let storage = TorchStorage(node, in: document), case .int(let offset) = arguments[1],
            let sizes = Self.sizes(arguments[2], in: document),
            let strides = Self.sizes(arguments[3], in: document)
        else { return .malformed(constructor: constructor) }
        let tensor = TorchTensor(
            constructor: constructor, storage: storage, offset: offset, sizes: sizes,
            strides: strides, elementType: elementType)
        return .tensor(tensor)
    }

    /// A tuple of sizes, or the `torch.Size` of one.
    static func sizes(
        _ value: PickleValue, in document: PickleDocument
    ) -> [PickleValue]? {
        guard let node = document.node(value), node.kind == .record else {
            return document.sequence(value)
        }
        return sizes(of: node, in: document)
    }

    /// The sizes in a `torch.Size`; nil for any other record.
    static func sizes(of record: PickleNode, in document: PickleDocument) -> [PickleValue]? {
        guard record.name.module == "torch", record.name.name == "Size",
            let arguments = document.sequence(record.arguments), arguments.count == 1
        else { return nil }
        return document.sequence(arguments[0])
    }
}
