/// The type of a PyTorch tensor's elements.
enum TorchElements {
    case read(ElementType)
    case unread(UnreadKind)

    init(of view: TorchTensor) {
        self.init(stored: view)
        guard view.isNegated, case .read(let type) = self, !type.isFraction else { return }
        let reason = "it is a negative view of elements that are no fractions"
        self = .unread(UnreadKind(type: type.rawValue, reason: reason, sizes: view.sizes))
    }

    private init(stored view: TorchTensor) {
        let storageType = view.storage.type.full
        guard let type = view.elementType else {
            self = Self.types[storageType].map(Self.read) ?? Self.notRead(view.storage.type, view)
            return
        }
        if Self.untyped.contains(storageType), type.module == "torch",
            let type = ElementType(rawValue: type.name)
        {
            self = .read(type)
        } else {
            self = Self.notRead(type, view)
        }
    }

    private static func notRead(_ name: PickleNode.Name, _ view: TorchTensor) -> TorchElements {
        let isType = name == view.elementType && name.module == "torch"
        let excerpt = isType ? String(name.name.prefix(40)) : name.excerpt
        let type = unreadTypes[excerpt]?.name ?? excerpt
        let reason = "elements of this type are not read"
        return .unread(UnreadKind(type: type, reason: reason, sizes: view.sizes))
    }

    /// Bytes of a unit that a storage of class `type` counts; nil for an unknown class.
    static func unitByteCount(_ type: PickleNode.Name) -> Int? {
        let name = type.full
        return untyped.contains(name) ? 1 : types[name]?.byteCount ?? unreadTypes[name]?.byteCount
    }

    private static let untyped: Set<String> = [
        "torch.storage.UntypedStorage", "torch.UntypedStorage",
    ]

    private static let types: [String: ElementType] = [
        "torch.DoubleStorage": .float64, "torch.FloatStorage": .float32,
        "torch.HalfStorage": .float16, "torch.BFloat16Storage": .bfloat16,
        "torch.LongStorage": .int64, "torch.IntStorage": .int32,
        "torch.ShortStorage": .int16, "torch.CharStorage": .int8,
        "torch.ByteStorage": .uint8, "torch.BoolStorage": .bool,
    ]

    /// Names, and bytes of an element, of types that no tensor is read of.
    private static let unreadTypes: [String: (name: String, byteCount: Int)] = [
        "torch.ComplexFloatStorage": ("complex64", 8),
        "torch.ComplexDoubleStorage": ("complex128", 16),
        "torch.QInt8Storage": ("qint8", 1), "torch.QUInt8Storage": ("quint8", 1),
        "torch.QInt32Storage": ("qint32", 4), "torch.QUInt4x2Storage": ("quint4x2", 1),
        "torch.QUInt2x4Storage": ("quint2x4", 1),
    ]
}
