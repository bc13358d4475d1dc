/// Reads files that `torch.save` wrote before PyTorch 1.6, and still can write: five pickles (a
/// magic number, the version 1001, facts about the writing system, the object, the keys of its
/// storages), then the storages in the order of the keys.
enum LegacyTorchFile {
    private static let version = PickleValue.int(1001)

    /// A pickle, of protocol 2 or later, of the 80-bit number that such files begin with.
    static func begins(_ file: ByteView) -> Bool {
        let number: [UInt8] = [
            0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19,
        ]
        // PROTO and its operand, then from protocol 4 on FRAME and its operand.
        return file.starts(with: [0x80])
            && [2, 11].contains { start in
                file.slice(at: start, count: number.count)?.starts(with: number) ?? false
            }
    }

    /// Reads the pickles and checks the layout of the storages; their elements stay in the file.
    static func contents(
        _ file: ByteView, path: String, limits: ReadLimits
    ) throws(CheckpointError) -> CheckpointContents {
        var cursor = ByteCursor(file, path: path, part: "pickle")
        _ = try PickleMachine.document(at: &cursor, limits: limits)
        let version = try PickleMachine.document(at: &cursor, limits: limits)
        guard version.root == Self.version else {
            throw .legacy(path: path, storage: "", defect: .unsupportedVersion)
        }
        try checkSystem(
            try PickleMachine.document(at: &cursor, limits: limits), path: path)
        let document = try PickleMachine.document(at: &cursor, limits: limits)
        let keys = try PickleMachine.document(at: &cursor, limits: limits)

        let stateDict = try StateDict(document, path: path, limits: limits)
        var storages = LegacyStorages(path: path, limits: limits)
        try storages.declare(by: document)
        let contents = try storages.contents(
            of: file, from: cursor.offset, order: keys,
            needed: stateDict.storageKeys)
        // PyTorch swaps the bytes on machines of the other order, so files are little-endian
        // whatever the byte order of the machine that wrote them (`little_endian`).
        return try TorchStorages(
            contents: contents, path: path, isBigEndian: false, limits: limits
        ).contents(of: stateDict)
    }

    private static func checkSystem(
        _ system: PickleDocument, path: String
    ) throws(CheckpointError) {
        let order = system.entries(of: system.root).first {
            system.text($0.key) == "little_endian"
        }
        guard case .bool = order?.value else {
            throw .legacy(path: path, storage: "", defect: .malformedSystem)
        }
    }
}
