import Checkpoints

extension ReadLimits {
    /// Limits that a few kilobytes can reach, so that every input is read within milliseconds and
    /// the paths behind the limits are taken too. The rest stays as in `standard`.
    static let fuzzing: ReadLimits = {
        var limits = ReadLimits.standard
        limits.memberCount = 64
        limits.memberByteCount = 1 << 16
        limits.inflatedByteCount = 1 << 16
        limits.arrayHeaderByteCount = 1 << 10
        limits.safetensorsHeaderByteCount = 1 << 12
        limits.shardIndexByteCount = 1 << 12
        limits.shardCount = 4
        limits.metadataEntryCount = 16
        limits.metadataByteCount = 1 << 10
        limits.expandedElementCount = 1 << 10
        limits.tensorCount = 32
        limits.attributeCount = 64
        limits.nameByteCount = 256
        limits.storageKeyByteCount = 64
        limits.opcodeCount = 1 << 12
        limits.stackDepth = 1 << 10
        limits.markDepth = 64
        limits.memoCount = 1 << 9
        limits.nodeCount = 1 << 10
        limits.stringByteCount = 1 << 10
        limits.nestingDepth = 16
        limits.allNamesByteCount = 1 << 14
        limits.visitCount = 1 << 12
        limits.sharedVisitCount = 1 << 10
        // Each tensor may copy a string; names and shared containers take less.
        limits.stepCount = limits.tensorCount * limits.stringByteCount + 1 << 13
        limits.stepsPerByte = 12
        return limits
    }()
}
