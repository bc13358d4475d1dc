/// A PyTorch tensor as a pickle describes it: a view of a storage, nothing checked yet.
struct TorchTensor {
    /// The constructor that the pickle names, for errors.
    let constructor: PickleNode.Name
    /// Name of the storage's member in the archive.
    let storageKey: String
    /// The storage's class, for example `torch.FloatStorage`.
    let storageType: PickleNode.Name
    /// Elements of a typed storage, bytes of an untyped one.
    let storageCount: Int
    let offset: Int
    /// Still as in the pickle: many tensors may share one tuple of any length.
    let sizes: [PickleValue]
    let strides: [PickleValue]
    /// `torch.float32` and so on where the storage is untyped.
    let elementType: PickleNode.Name?

    /// What a record in a pickle is as far as tensors go.
    enum Recognition {
        case tensor(TorchTensor)
        case malformed(constructor: PickleNode.Name)
        /// A constructor of tensors that is not read.
        case unsupported(constructor: PickleNode.Name)
    }

    /// Recognises the constructors that `torch.save` writes; nil for any other record. O(1).
    static func recognize(_ record: PickleNode, in document: PickleDocument) -> Recognition? {
        let constructor = record.name
        guard constructor.module.hasPrefix("torch."), constructor.name.hasPrefix("_rebuild_")
        else { return nil }
        guard constructor.module == "torch._utils" else {
            return .unsupported(constructor: constructor)
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
        case "_rebuild_parameter", "_rebuild_parameter_with_state":
            // No parameter holds a parameter, so this goes down one level at most.
            guard let data = arguments.first, let inner = document.node(data),
                inner.kind == .record, !inner.name.name.hasPrefix("_rebuild_parameter")
            else { return .malformed(constructor: constructor) }
            return recognize(inner, in: document) ?? .malformed(constructor: constructor)
        default:
            return .unsupported(constructor: constructor)
        }
    }

    private static func view(
        _ constructor: PickleNode.Name, _ arguments: [PickleValue],
        elementType: PickleNode.Name?, in document: PickleDocument
    ) -> Recognition {
        // ('storage', class, key, device, count)
        guard arguments.count >= 4, let storage = document.node(arguments[0]),
            storage.kind == .persistent,
            let identification = document.sequence(storage.arguments), identification.count == 5,
            identification[0] == .string("storage"),
            let storageType = document.globalName(identification[1]),
            case .string(let key) = identification[2], case .int(let count) = identification[4],
            case .int(let offset) = arguments[1],
            let sizes = Self.sizes(arguments[2], in: document),
            let strides = Self.sizes(arguments[3], in: document)
        else { return .malformed(constructor: constructor) }
        let tensor = TorchTensor(
            constructor: constructor, storageKey: key, storageType: storageType,
            storageCount: count, offset: offset, sizes: sizes, strides: strides,
            elementType: elementType)
        return .tensor(tensor)
    }

    /// A tuple of sizes, or the `torch.Size` of one.
    private static func sizes(
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
