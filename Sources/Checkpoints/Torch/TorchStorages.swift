/// The storages of one PyTorch file, by key.
struct TorchStorages {
    let contents: [String: MemberContents]
    let path: String
    let isBigEndian: Bool
    let limits: ReadLimits

    /// The tensors of `stateDict`, those of types that are not read among the unread ones.
    func contents(of stateDict: StateDict) throws(CheckpointError) -> CheckpointContents {
        var found = CheckpointContents(
            unread: stateDict.unread, attributes: stateDict.attributes,
            stateDicts: stateDict.stateDicts, wrapper: stateDict.wrapper)
        for (name, tensor) in stateDict.tensors {
            switch tensor {
            case .array(let layout, let contents):
                found.tensors.append(Tensor(name: name, layout: layout, contents: contents))
            case .view(let view): try add(view, name: name, to: &found)
            }
        }
        return found
    }

    private func add(
        _ view: TorchTensor, name: String, to found: inout CheckpointContents
    ) throws(CheckpointError) {
        switch TorchElements(of: view) {
        case .read(let type): found.tensors.append(try tensor(view, type, name: name))
        case .unread(let kind):
            let tensor = kind.tensor(named: name, maxDimensions: limits.dimensionCount)
            found.unread.append(tensor)
        }
    }

    /// Lays `view` over its storage; every bound is checked here.
    private func tensor(
        _ view: TorchTensor, _ type: ElementType, name: String
    ) throws(CheckpointError) -> Tensor {
        try ReadLimit.dimensionCount.check(
            max(view.sizes.count, view.strides.count), atMost: limits.dimensionCount, path: path,
            part: "tensor \(name)")
        let member: MemberContents
        var layout: TensorLayout
        let part: Part
        do throws(TensorDefect) {
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
            layout.isNegated = view.isNegated
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
}
