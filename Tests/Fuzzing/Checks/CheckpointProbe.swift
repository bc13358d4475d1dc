import Checkpoints

/// Reads a checkpoint in every way there is and holds the outcomes against what is promised.
enum CheckpointProbe {
    static let name = "input"
    static let limits = ReadLimits.fuzzing
    /// Elements that are read of one input, so that many views of one storage cost little.
    private static let elementBudget = 1 << 14

    /// Returns the bit patterns of the elements of each tensor that was read; none where the file
    /// or the tensor is refused.
    static func check(_ bytes: [UInt8]) throws(BrokenPromise) -> [[UInt32]] {
        let opened = try outcome { () throws(CheckpointError) in
            try Checkpoint.read(bytes, name: name, limits: limits)
        }
        guard let checkpoint = opened else { return [] }
        try checkNames(of: checkpoint)
        try checkSizes(of: checkpoint, bytes)
        var elementCount = 0
        var patterns: [[UInt32]] = []
        for tensor in checkpoint.tensors {
            elementCount += tensor.elementCount
            guard elementCount <= elementBudget else { break }
            let probe = try TensorProbe(tensor)
            try probe.check()
            patterns.append(probe.floats?.map(\.bitPattern) ?? [])
        }
        return patterns
    }

    /// The result of `read`; nil if it refuses, with an error that must name the file and must not
    /// be that reading takes long: steps are to be linear in the bytes.
    static func outcome<Value>(
        of read: () throws(CheckpointError) -> Value
    ) throws(BrokenPromise) -> Value? {
        do throws(CheckpointError) {
            return try read()
        } catch {
            if case .limitExceeded(_, _, .stepCount, let steps, _) = error {
                throw .tooManySteps(steps)
            }
            let description = error.description
            guard description.hasPrefix("\(name): ") else {
                throw .errorWithoutFile(description: description)
            }
            return nil
        }
    }

    private static func checkNames(of checkpoint: Checkpoint) throws(BrokenPromise) {
        var names: Set<String> = []
        for tensor in checkpoint.tensors {
            guard names.insert(tensor.name).inserted else { throw .repeatedName(tensor.name) }
            guard checkpoint[tensor.name]?.shape == tensor.shape else {
                throw .notFoundByName(tensor.name)
            }
        }
        try check("attributes", checkpoint.attributes.count, atMost: limits.attributeCount)
        try check("metadata", checkpoint.metadata.count, atMost: limits.metadataEntryCount)
        for tensor in checkpoint.unread {
            guard names.insert(tensor.name).inserted else { throw .repeatedName(tensor.name) }
            guard checkpoint[tensor.name] == nil,
                checkpoint.unreadTensor(named: tensor.name) == tensor
            else { throw .notFoundByName(tensor.name) }
        }
        try check("tensors", names.count, atMost: limits.tensorCount)
        for name in names.union(checkpoint.attributes.keys) {
            try check("bytes of a name", name.utf8.count, atMost: limits.nameByteCount)
        }
    }

    private static func checkSizes(
        of checkpoint: Checkpoint, _ bytes: [UInt8]
    ) throws(BrokenPromise) {
        // A member has no more bytes than this, and a tensor lies in one or is an expanded one.
        let room = max(bytes.count, limits.inflatedByteCount)
        var covered = 0
        for tensor in checkpoint.tensors {
            let count = tensor.elementCount
            let product = tensor.shape.contains(0) ? 0 : tensor.shape.reduce(1, *)
            guard count == product else {
                throw .countDiffersFromShape(tensor: tensor.name, count: count)
            }
            let byteCount = tensor.elementType.byteCount
            guard count <= limits.expandedElementCount || count <= room / byteCount else {
                throw .largerThanFile(tensor: tensor.name, elementCount: count)
            }
            covered += count * byteCount
        }
        guard checkpoint.format == .safetensors else { return }
        covered += 8 + bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        // Tensors that are not read cover the rest.
        guard checkpoint.unread.isEmpty ? covered == bytes.count : covered <= bytes.count else {
            throw .uncoveredData(covered: covered, byteCount: bytes.count)
        }
    }

    static func check(
        _ what: String, _ value: Int, atMost maximum: Int
    ) throws(BrokenPromise) {
        guard value <= maximum else {
            throw .limitPassed(what: what, value: value, maximum: maximum)
        }
    }
}
