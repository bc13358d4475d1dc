/// The storages of one PyTorch file, by key.
struct TorchStorages {
    let contents: [String: MemberContents]
    let path: String
    let isBigEndian: Bool
    let limits: ReadLimits

    func tensors(of stateDict: StateDict) throws(CheckpointError) -> [Tensor] {
        var tensors: [Tensor] = []
        for (name, view) in stateDict.tensors {
            tensors.append(try tensor(view, name: name))
        }
        return tensors
    }

    /// Lays `view` over its storage; every bound is checked here.
    private func tensor(_ view: TorchTensor, name: String) throws(CheckpointError) -> Tensor {
        try ReadLimit.dimensionCount.check(
            max(view.sizes.count, view.strides.count), atMost: limits.dimensionCount, path: path,
            part: "tensor \(name)")
        let member: MemberContents
        let layout: TensorLayout
        let part: Part
        do throws(TensorDefect) {
            let type = try Self.elementType(of: view)
            guard let contents = contents[view.storage.key] else {
                throw .missingStorage(key: view.storage.key)
            }
            member = contents
            part = try Self.part(of: view, type, in: contents)
            layout = try TensorLayout(
                elementType: type, shape: try Self.integers(view.sizes, of: view),
                strides: try Self.integers(view.strides, of: view),
                firstElement: view.offset, storageCount: part.elementCount,
                baseByte: part.firstByte, isBigEndian: isBigEndian)
        } catch {
            throw .tensor(path: path, name: name, defect: error)
        }
        // Zero strides make many elements of few bytes; only a limited number is accepted.
        if layout.elementCount > part.elementCount {
            try ReadLimit.expandedElementCount.check(
                layout.elementCount, atMost: limits.expandedElementCount, path: path,
                part: "tensor \(name)")
        }
        return Tensor(name: name, layout: layout, contents: member)
    }

    private static func elementType(of view: TorchTensor) throws(TensorDefect) -> ElementType {
        let storageType = view.storage.type.full
        guard let name = view.elementType else {
            guard let type = types[storageType] else { throw .unsupportedStorage(storageType) }
            return type
        }
        guard untyped.contains(storageType), name.module == "torch",
            let type = ElementType(rawValue: name.name)
        else { throw .unsupportedStorage("\(storageType) of \(name.full)") }
        return type
    }

    private static func integers(
        _ values: [PickleValue], of view: TorchTensor
    ) throws(TensorDefect) -> [Int] {
        var integers: [Int] = []
        for value in values {
            guard case .int(let integer) = value else {
                throw .malformedConstructor(view.constructor.full)
            }
            integers.append(integer)
        }
        return integers
    }

    /// The bytes of a storage that a tensor may reach.
    private struct Part {
        let firstByte: Int
        let elementCount: Int
    }

    /// The part of the storage that is meant, all of which is in `contents`.
    private static func part(
        of view: TorchTensor, _ type: ElementType, in contents: MemberContents
    ) throws(TensorDefect) -> Part {
        let count = view.storage.count
        guard count >= 0 else { throw .negativeSize(count) }
        let unit = view.elementType == nil ? type.byteCount : 1
        let (byteCount, overflows) = count.multipliedReportingOverflow(by: unit)
        guard !overflows else { throw .sizeOverflow }
        guard byteCount <= contents.byteCount else {
            throw .storageTooShort(declared: byteCount, found: contents.byteCount)
        }
        guard let window = view.storage.window else {
            return Part(firstByte: 0, elementCount: byteCount / type.byteCount)
        }
        guard window.offset >= 0, window.count >= 0, window.offset <= count,
            window.count <= count - window.offset
        else {
            throw .windowOutside(
                offset: window.offset, count: window.count, elementCount: count)
        }
        return Part(
            firstByte: window.offset * unit, elementCount: window.count * unit / type.byteCount)
    }

    /// Bytes of a unit that a storage of class `type` counts; nil for an unknown class.
    static func unitByteCount(_ type: PickleNode.Name) -> Int? {
        let name = type.full
        return untyped.contains(name) ? 1 : types[name]?.byteCount ?? unreadTypes[name]
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

    /// Bytes of an element of a type that no tensor is read of.
    private static let unreadTypes: [String: Int] = [
        "torch.ComplexFloatStorage": 8, "torch.ComplexDoubleStorage": 16,
        "torch.QInt8Storage": 1, "torch.QUInt8Storage": 1, "torch.QInt32Storage": 4,
        "torch.QUInt4x2Storage": 1, "torch.QUInt2x4Storage": 1,
    ]
}
