/// The JSON header of a safetensors file: the entry of each tensor, and the metadata.
struct SafetensorsHeader {
    /// The header's entry of one tensor.
    struct Entry {
        let name: String
        let elementType: ElementType
        let shape: [Int]
        /// The bytes of its elements in the data behind the header; `begin <= end`.
        let begin: Int
        let end: Int
    }

    static let part = "safetensors header"
    static let metadataKey = "__metadata__"

    /// In header order. Names are unique; two that differ only in Unicode's composition of
    /// characters, which are equal in Swift, count as one.
    private(set) var entries: [Entry] = []
    private(set) var metadata: [String: String] = [:]

    /// Reads the text of a header, padding included. Every name, list and text is checked
    /// against `limits`; whether the entries fit each other and the data is left to the caller.
    init(_ text: ByteView, path: String, limits: ReadLimits) throws(CheckpointError) {
        guard text.starts(with: Array("{".utf8)) else {
            throw .safetensors(path: path, tensor: nil, defect: .notAnObject)
        }
        if let offset = text.firstNonUTF8 {
            throw .safetensors(path: path, tensor: nil, defect: .notUTF8(offset: offset))
        }
        var scanner = SafetensorsScanner(text.bytes, path: path, limits: limits)
        var names: Set<String> = []
        try scanner.object { (scanner, key) throws(CheckpointError) in
            let isNew = names.insert(key).inserted
            if key == Self.metadataKey {
                guard isNew else { throw scanner.error(.repeatedKey(key)) }
                metadata = try Self.metadata(&scanner)
            } else {
                guard isNew else {
                    throw .tensor(path: path, name: key, defect: .duplicateName)
                }
                entries.append(try Self.entry(key, &scanner))
                try scanner.check(.tensorCount, entries.count, atMost: limits.tensorCount)
            }
        }
        try scanner.expectEnd()
    }

    private static func entry(
        _ name: String, _ scanner: inout SafetensorsScanner
    ) throws(CheckpointError) -> Entry {
        scanner.tensor = name
        var type: ElementType?
        var shape: [Int]?
        var offsets: (begin: Int, end: Int)?
        try scanner.object { (scanner, key) throws(CheckpointError) in
            switch key {
            case "dtype" where type == nil: type = try elementType(&scanner)
            case "shape" where shape == nil: shape = try scanner.shape()
            case "data_offsets" where offsets == nil: offsets = try scanner.pair()
            case "dtype", "shape", "data_offsets": throw scanner.error(.repeatedKey(key))
            default: throw scanner.error(.unknownKey(key))
            }
        }
        guard let type else { throw scanner.error(.missingKey("dtype")) }
        guard let shape else { throw scanner.error(.missingKey("shape")) }
        guard let (begin, end) = offsets else { throw scanner.error(.missingKey("data_offsets")) }
        guard begin <= end else { throw scanner.error(.reversedOffsets(begin: begin, end: end)) }
        scanner.tensor = nil
        return Entry(name: name, elementType: type, shape: shape, begin: begin, end: end)
    }

    private static func elementType(
        _ scanner: inout SafetensorsScanner
    ) throws(CheckpointError) -> ElementType {
        let name = try scanner.name()
        guard let type = ElementType(safetensorsName: name) else {
            throw scanner.error(.unsupportedType(name))
        }
        return type
    }

    private static func metadata(
        _ scanner: inout SafetensorsScanner
    ) throws(CheckpointError) -> [String: String] {
        var metadata: [String: String] = [:]
        var byteCount = 0
        try scanner.object { (scanner, key) throws(CheckpointError) in
            let value = try scanner.string()
            guard metadata.updateValue(value, forKey: key) == nil else {
                throw scanner.error(.repeatedKey(key))
            }
            byteCount += key.utf8.count + value.utf8.count
            let limits = scanner.limits
            try scanner.check(
                .metadataEntryCount, metadata.count, atMost: limits.metadataEntryCount)
            try scanner.check(.metadataByteCount, byteCount, atMost: limits.metadataByteCount)
        }
        return metadata
    }
}

extension ByteView {
    /// Offset of the first byte that does not belong to UTF-8 text, or nil when all do.
    fileprivate var firstNonUTF8: Int? {
        withSpan { span in
            do throws(UTF8.ValidationError) {
                _ = try UTF8Span(validating: span)
                return nil
            } catch {
                return error.byteOffsets.lowerBound
            }
        }
    }
}
