/// The storages of one PyTorch archive, by key.
struct TorchStorages {
    let contents: [String: MemberContents]
    let path: String
    let isBigEndian: Bool
    let limits: ReadLimits

    /// Lays `view` over its storage; every bound is checked here.
    func tensor(_ view: TorchTensor, name: String) throws(CheckpointError) -> Tensor {
        try ReadLimit.dimensionCount.check(
            max(view.sizes.count, view.strides.count), atMost: limits.dimensionCount, path: path,
            part: "tensor \(name)")
        let member: MemberContents
        let layout: TensorLayout
        let storageCount: Int
        do throws(TensorDefect) {
            let type = try Self.elementType(of: view)
            guard let contents = contents[view.storageKey] else {
                throw .missingStorage(key: view.storageKey)
            }
            member = contents
            storageCount = try Self.storageCount(of: view, type, in: contents)
            layout = try TensorLayout(
                elementType: type, shape: try Self.integers(view.sizes, of: view),
                strides: try Self.integers(view.strides, of: view),
                firstElement: view.offset, storageCount: storageCount, baseByte: 0,
                isBigEndian: isBigEndian)
        } catch {
            throw .tensor(path: path, name: name, defect: error)
        }
        // Zero strides make many elements of few bytes; only so many are believed.
        if layout.elementCount > storageCount {
            try ReadLimit.expandedElementCount.check(
                layout.elementCount, atMost: limits.expandedElementCount, path: path,
                part: "tensor \(name)")
        }
        return Tensor(name: name, layout: layout, contents: member)
    }

    private static func elementType(of view: TorchTensor) throws(TensorDefect) -> ElementType {
        let storageType = view.storageType.full
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

    /// Elements of the storage, all of which are in `contents`.
    private static func storageCount(
        of view: TorchTensor, _ type: ElementType, in contents: MemberContents
    ) throws(TensorDefect) -> Int {
        guard view.storageCount >= 0 else { throw .negativeSize(view.storageCount) }
        let isUntyped = view.elementType != nil
        let count = isUntyped ? view.storageCount / type.byteCount : view.storageCount
        let (byteCount, overflows) = count.multipliedReportingOverflow(by: type.byteCount)
        guard !overflows else { throw .sizeOverflow }
        guard byteCount <= contents.byteCount else {
            throw .storageTooShort(declared: byteCount, found: contents.byteCount)
        }
        return count
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
}
