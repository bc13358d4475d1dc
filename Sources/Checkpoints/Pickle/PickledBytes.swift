/// A byte string in a pickle.
enum PickledBytes {
    case place(Range<Int>)
    /// The UTF-8 of a `str` of Python 2 that happens to be text.
    case text(String)
    /// Protocol 2 has no byte strings, so Python 3 writes a text of which each character is a byte.
    case characters(String)
    /// The same, by its place.
    case longText(Range<Int>)

    init?(_ value: PickleValue, in document: PickleDocument) {
        switch value {
        case .bytes(let index): self = .place(document.places[index])
        case .text(let index): self = .text(document.texts[index])
        case .node(let index):
            let node = document.nodes[index]
            guard node.kind == .record, let arguments = document.sequence(node.arguments) else {
                return nil
            }
            switch (node.name.module, node.name.name) {
            case ("_codecs", "encode"):
                guard arguments.count == 2,
                    ["latin1", "latin-1"].contains(document.text(arguments[1]))
                else { return nil }
                self.init(encoding: arguments[0], in: document)
            case ("__builtin__", "bytes"), ("builtins", "bytes"):
                guard arguments.isEmpty else { return nil }
                self = .text("")
            default: return nil
            }
        default: return nil
        }
    }

    private init?(encoding text: PickleValue, in document: PickleDocument) {
        switch text {
        case .text(let index): self = .characters(document.texts[index])
        case .longText(let index): self = .longText(document.places[index])
        default: return nil
        }
    }

    /// Bytes that `contents` copies out of the pickle.
    var copiedByteCount: Int {
        switch self {
        case .place: 0
        case .text(let text), .characters(let text): text.utf8.count
        // Not copied, but looked at.
        case .longText(let place): place.count / 16
        }
    }

    /// The bytes; nil where a character is none. `name` is that of the pickle in errors.
    func contents(in document: PickleDocument, path: String, name: String) -> MemberContents? {
        switch self {
        case .place(let place):
            return document.bytes.slice(at: place.lowerBound, count: place.count)
                .map { MemberContents($0, path: path, name: name) }
        case .text(let text):
            return MemberContents(ByteView(Array(text.utf8)), path: path, name: name)
        case .characters(let text):
            let scalars = text.unicodeScalars
            guard scalars.allSatisfy({ $0.value <= UInt8.max }) else { return nil }
            let bytes = scalars.map { UInt8(truncatingIfNeeded: $0.value) }
            return MemberContents(ByteView(bytes), path: path, name: name)
        case .longText(let place):
            return document.bytes.slice(at: place.lowerBound, count: place.count)
                .flatMap { MemberContents(latin1: $0, path: path, name: name) }
        }
    }
}
