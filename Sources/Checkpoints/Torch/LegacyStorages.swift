/// The storages of a legacy PyTorch file: for each an 8-byte count of its elements and the
/// elements, whose size stands only in the pickle.
struct LegacyStorages {
    let path: String
    let limits: ReadLimits
    /// The declared storages by key, those of windows included.
    private var declared: [String: TorchStorage] = [:]

    init(path: String, limits: ReadLimits) {
        self.path = path
        self.limits = limits
    }

    /// Takes the type and size of every storage that `document` refers to, whether or not a tensor
    /// that is read lies in it. All references to one must agree.
    mutating func declare(by document: PickleDocument) throws(CheckpointError) {
        for node in document.nodes where node.kind == .persistent {
            guard let storage = TorchStorage(node, in: document) else {
                throw .legacy(path: path, storage: "", defect: .malformedReference)
            }
            try declare(storage.whole, key: storage.key)
            if let window = storage.window { try declare(storage, key: window.key) }
        }
    }

    private mutating func declare(
        _ storage: TorchStorage, key: String
    ) throws(CheckpointError) {
        try check(key)
        guard let other = declared.updateValue(storage, forKey: key), other != storage else {
            return
        }
        throw .legacy(path: path, storage: key, defect: .severalDeclarations)
    }

    /// The bytes of each storage that is `needed`. From byte `start` on, `file` must consist of
    /// the declared storages, each listed once in `order`, and of nothing else.
    func contents(
        of file: ByteView, from start: Int, order: PickleDocument, needed: Set<String>
    ) throws(CheckpointError) -> [String: MemberContents] {
        var contents: [String: MemberContents] = [:]
        var listed: Set<String> = []
        var end = start
        for key in try keys(order) {
            guard listed.insert(key).inserted else {
                throw .legacy(path: path, storage: key, defect: .listedTwice)
            }
            var cursor = ByteCursor(file, path: path, part: "storage \(key)")
            try cursor.skip(end)
            let bytes = try elements(of: key, at: &cursor)
            end = cursor.offset
            guard needed.contains(key) else { continue }
            contents[key] = MemberContents(bytes, path: path, name: key)
        }
        for (key, storage) in declared where storage.window == nil && !listed.contains(key) {
            throw .legacy(path: path, storage: key, defect: .notListed)
        }
        guard end == file.count else {
            throw .legacy(
                path: path, storage: "", defect: .trailingBytes(file.count - end))
        }
        return contents
    }

    private func keys(_ order: PickleDocument) throws(CheckpointError) -> [String] {
        var keys: [String] = []
        for item in order.sequence(order.root) ?? [.none] {
            guard let key = order.text(item) else {
                throw .legacy(path: path, storage: "", defect: .malformedKeys)
            }
            try check(key)
            keys.append(key)
        }
        return keys
    }

    /// The elements of storage `key`, before which lies their count.
    private func elements(
        of key: String, at cursor: inout ByteCursor
    ) throws(CheckpointError) -> ByteView {
        guard let storage = declared[key], storage.window == nil else {
            throw .legacy(path: path, storage: key, defect: .notDeclared)
        }
        guard let unit = TorchElements.unitByteCount(storage.type) else {
            throw .legacy(
                path: path, storage: key, defect: .unsupportedType(storage.type.full))
        }
        let count = Int(try cursor.integer(Int64.self))
        guard count == storage.count, count >= 0 else {
            throw .legacy(
                path: path, storage: key,
                defect: .wrongCount(declared: storage.count, found: count))
        }
        let (byteCount, overflows) = count.multipliedReportingOverflow(by: unit)
        return try cursor.take(overflows ? .max : byteCount)
    }

    private func check(_ key: String) throws(CheckpointError) {
        try ReadLimit.storageKeyByteCount.check(
            key.utf8.count, atMost: limits.storageKeyByteCount, path: path, part: "storage key")
    }
}
