extension RecognizedFormat {
    /// Keys that only the configurations of Transformers, timm and PEFT have.
    private static let configurationKeys: Set<String> = [
        "architectures", "model_type", "transformers_version", "pretrained_cfg", "peft_type",
    ]

    /// The kind of a JSON text that is no index, by the keys of its outermost object; of a
    /// defective one, by those before the defect. One pass over a text of at most
    /// `shardIndexByteCount`.
    static func json(_ file: CheckpointFile, limits: ReadLimits) -> RecognizedFormat {
        guard file.bytes.count <= limits.shardIndexByteCount,
            var scanner = try? JSONScanner(
                file.bytes, path: file.path, part: "JSON text", limits: limits)
        else { return .json }
        var isConfiguration = false
        try? scanner.object { (scanner, key) throws(CheckpointError) in
            isConfiguration = isConfiguration || configurationKeys.contains(key)
            try scanner.skip()
        }
        return isConfiguration ? .configuration : .json
    }
}
