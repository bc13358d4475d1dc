/// The JSON header of a safetensors file: the entry of each tensor, and the metadata.
struct SafetensorsHeader {
    /// The header's entry of one tensor.
    struct Entry {
        let name: String
        /// As the header calls the type of the elements.
        let typeName: String
        let shape: [Int]
        /// The bytes of its elements in the data behind the header; `begin <= end`.
        let begin: Int
        let end: Int
    }

    static let part = "safetensors header"
    static let metadataKey = "__metadata__"

    /// In header order. Names are unique.
    private(set) var entries: [Entry] = []
    private(set) var metadata: [String: String] = [:]

    /// Reads the text of a header, padding included. Every name, list and text is checked
    /// against `limits`; whether the entries fit each other and the data is left to the caller.
    init(_ text: ByteView, path: String, limits: ReadLimits) throws(CheckpointError) {
        guard text.starts(with: Array("{".utf8)) else {
            throw .safetensors(path: path, tensor: nil, defect: .notAnObject)
        }
        var scanner = try JSONScanner(text, path: path, part: Self.part, limits: limits)
        try scanner.object { (scanner, key) throws(CheckpointError) in
            if key == Self.metadataKey {
                metadata = try Self.metadata(&scanner)
            } else {
                entries.append(try Self.entry(key, &scanner))
                try scanner.check(.tensorCount, entries.count, atMost: limits.tensorCount)
            }
            scanner.part = Self.part
        }
        try scanner.expectEnd()
    }

    private static func entry(
        _ name: String, _ scanner: inout JSONScanner
    ) throws(CheckpointError) -> Entry {
        scanner.part = "tensor \"\(name)\""
        let path = scanner.path
        func error(_ defect: SafetensorsDefect) -> CheckpointError {
            .safetensors(path: path, tensor: name, defect: defect)
        }
        var type: String?
        var shape: [Int]?
        var offsets: (begin: Int, end: Int)?
        try scanner.object { (scanner, key) throws(CheckpointError) in
            switch key {
            case "dtype": type = try scanner.name()
            case "shape": shape = try scanner.shape()
            case "data_offsets": offsets = try scanner.pair()
            default: throw error(.unknownKey(key))
            }
        }
        guard let type else { throw error(.missingKey("dtype")) }
        guard let shape else { throw error(.missingKey("shape")) }
        guard let (begin, end) = offsets else { throw error(.missingKey("data_offsets")) }
        guard begin <= end else { throw error(.reversedOffsets(begin: begin, end: end)) }
        return Entry(name: name, typeName: type, shape: shape, begin: begin, end: end)
    }

    private static func metadata(
        _ scanner: inout JSONScanner
    ) throws(CheckpointError) -> [String: String] {
        scanner.part = metadataKey
        var metadata: [String: String] = [:]
        var byteCount = 0
        try scanner.object { (scanner, key) throws(CheckpointError) in
            let value = try scanner.string()
            metadata[key] = value
            byteCount += key.utf8.count + value.utf8.count
            let limits = scanner.limits
            try scanner.check(
                .metadataEntryCount, metadata.count, atMost: limits.metadataEntryCount)
            try scanner.check(.metadataByteCount, byteCount, atMost: limits.metadataByteCount)
        }
        return metadata
    }
}
