/// A range of bytes of a mapped file or of an array, which it keeps alive. Copies nothing.
struct ByteView: Sendable {
    private enum Owner: Sendable {
        case file(MappedFile)
        case array([UInt8])
    }

    let count: Int
    private let owner: Owner
    private let start: Int

    init(_ file: MappedFile) {
        self.init(count: file.byteCount, owner: .file(file), start: 0)
    }

    init(_ bytes: [UInt8]) {
        self.init(count: bytes.count, owner: .array(bytes), start: 0)
    }

    private init(count: Int, owner: Owner, start: Int) {
        self.count = count
        self.owner = owner
        self.start = start
    }

    /// The `count` bytes from `offset` on, or nil when they are not all inside.
    func slice(at offset: Int, count: Int) -> ByteView? {
        guard offset >= 0, count >= 0, offset <= self.count, count <= self.count - offset else {
            return nil
        }
        return ByteView(count: count, owner: owner, start: start + offset)
    }

    func withSpan<Result, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let range = start..<(start + count)
        switch owner {
        case .array(let bytes):
            return try body(bytes.span.extracting(range))
        case .file(let file):
            return try file.withSpan { (span) throws(Failure) in
                try body(span.extracting(range))
            }
        }
    }

    /// Lets the file's pages that hold these bytes leave the process's memory, to be read again
    /// when needed; no effect on bytes of an array.
    func letGo() {
        if case .file(let file) = owner { file.letGo(start..<(start + count)) }
    }

    /// Whether the file has lost bytes; false for an array.
    var hasLostBytes: Bool {
        if case .file(let file) = owner { file.hasLostBytes } else { false }
    }

    /// Throws when bytes read from the file may differ from those it had when it was opened. To be
    /// called after reading: bytes read before are right if there is no error.
    func checkUnchanged(path: String) throws(CheckpointError) {
        if case .file(let file) = owner, file.hasChanged { throw .changedWhileRead(path: path) }
    }

    /// Whether the bytes begin with `prefix`.
    func starts(with prefix: [UInt8]) -> Bool {
        withSpan { span in
            span.count >= prefix.count && prefix.indices.allSatisfy { span[$0] == prefix[$0] }
        }
    }

    /// An owned copy.
    var bytes: [UInt8] {
        withSpan { span in
            [UInt8](capacity: span.count) { output in
                for index in span.indices { output.append(span[index]) }
            }
        }
    }

    /// The bytes as text, or nil when they are not UTF-8.
    var text: String? {
        withSpan { span in
            guard let text = try? UTF8Span(validating: span) else { return nil }
            return String(copying: text)
        }
    }
}
