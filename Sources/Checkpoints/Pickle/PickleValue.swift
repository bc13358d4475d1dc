/// A value that a pickle describes.
///
/// Containers are indices into `PickleDocument.nodes`, so cycles cost no memory and nothing is
/// freed recursively; texts are indices, too, so copying a value is copying 16 bytes.
enum PickleValue: Equatable, Sendable {
    case none
    case bool(Bool)
    case int(Int)
    case double(Double)
    /// A text by its index in `PickleDocument.texts`.
    case text(Int)
    /// A text that is too long to be copied, by the index in `PickleDocument.places` of its UTF-8,
    /// which was not checked.
    case longText(Int)
    /// A byte string by its index in `PickleDocument.places`.
    case bytes(Int)
    /// An integer beyond 64 bits.
    case bigInteger
    case node(Int)
}

/// A container, a reference to code, or a record of a call that a pickle asks for.
struct PickleNode: Sendable {
    enum Kind: Equatable, Sendable {
        case list, tuple, set, dictionary
        /// A reference to a class or function, never resolved; by its `name`.
        case global
        /// The inert result of a call; `name` is the callable's, `arguments` those it would get.
        case record
        /// An object outside the pickle; `arguments` is its identification.
        case persistent
    }

    /// A class's or function's name, shared by all records of its calls. The parts stay apart,
    /// because joining them anew for each reference would let a few bytes of pickle cost kilobytes.
    final class Name: Equatable, Sendable {
        static let none = Name(module: "", name: "")
        let module: String
        let name: String
        /// Whether a call of it may make a tensor or an array: none of another module does.
        let mayMakeTensor: Bool
        let isOrderedDictionary: Bool
        /// Whether it is `ForbiddenCode`.
        let isForbidden: Bool

        init(module: String, name: String) {
            self.module = module
            self.name = name
            mayMakeTensor = module.hasPrefix("torch") || module.hasPrefix("numpy")
            isOrderedDictionary = module == "collections" && name == "OrderedDict"
            isForbidden = ForbiddenCode.contains(module: module, name: name)
        }

        static func == (left: Name, right: Name) -> Bool {
            left === right || left.module == right.module && left.name == right.name
        }

        var full: String { "\(module).\(name)" }
        /// `full`, or its beginning: many objects may have a name of kilobytes.
        var excerpt: String {
            let longest = 100
            if module.utf8.count + name.utf8.count <= longest { return full }
            return "\(module.prefix(longest)).\(name)".prefix(longest) + "…"
        }
    }

    struct Entry: Sendable {
        let key: PickleValue
        let value: PickleValue
    }

    /// The parts that few nodes have. They lie outside, as one byte of a pickle may make a node.
    private final class Call: Sendable {
        let name: Name
        let arguments: PickleValue
        let state: PickleValue

        init(name: Name, arguments: PickleValue, state: PickleValue) {
            self.name = name
            self.arguments = arguments
            self.state = state
        }
    }

    let kind: Kind
    /// Elements of a list, tuple or set, and those appended to a record.
    var items: [PickleValue]
    /// Entries of a dictionary, or set on a record, in file order; a repeated key counts last.
    var entries: [Entry] = []
    private var call: Call?

    /// A plain container.
    init(kind: Kind, items: [PickleValue] = []) {
        self.kind = kind
        self.items = items
    }

    init(kind: Kind, name: Name, arguments: PickleValue = .none) {
        self.init(kind: kind)
        call = Call(name: name, arguments: arguments, state: .none)
    }

    var name: Name { call?.name ?? .none }
    var arguments: PickleValue { call?.arguments ?? .none }

    /// The state that BUILD would have restored.
    var state: PickleValue {
        get { call?.state ?? .none }
        set { call = Call(name: name, arguments: arguments, state: newValue) }
    }
}

/// The values that one pickle describes.
struct PickleDocument: Sendable {
    let root: PickleValue
    let nodes: [PickleNode]
    let texts: [String]
    /// Places of long texts and byte strings in `bytes`.
    let places: [Range<Int>]
    /// The file or member that the pickle is in.
    let bytes: ByteView
    /// Bytes of the pickle.
    let byteCount: Int
    /// Steps of interpreting it, as `ReadLimits.stepCount` counts them.
    let stepCount: Int

    /// The node behind `value`, or nil when it is a scalar.
    func node(_ value: PickleValue) -> PickleNode? {
        guard case .node(let index) = value else { return nil }
        return nodes[index]
    }

    /// The text that `value` is, or nil.
    func text(_ value: PickleValue) -> String? {
        guard case .text(let index) = value else { return nil }
        return texts[index]
    }

    /// Elements of a tuple or list, or nil.
    func sequence(_ value: PickleValue) -> [PickleValue]? {
        guard let node = node(value), node.kind == .tuple || node.kind == .list else { return nil }
        return node.items
    }

    /// The name of a class or function, or nil.
    func globalName(_ value: PickleValue) -> PickleNode.Name? {
        guard let node = node(value), node.kind == .global else { return nil }
        return node.name
    }
}
