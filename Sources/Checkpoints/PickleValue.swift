/// A value a pickle builds. Nothing here can run: a global is a name, and calling one makes a
/// record of the call.
indirect enum PickleValue: Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    /// An integer of more than 64 bits, or bytes: of no use to a checkpoint.
    case opaque
    case double(Double)
    case string(String)
    case tuple([PickleValue])
    /// A list, set, dictionary or record of the arena.
    case node(Int)
    case global(PickleGlobal)
    case storage(PickleStorage)
    case tensor(PickleTensor)
}

/// The name of a Python object.
struct PickleGlobal: Sendable, Hashable {
    let module: String
    let name: String

    var text: String { "\(module).\(name)" }
}

/// A storage of tensors, by the name of the member that holds it.
struct PickleStorage: Sendable {
    let elementType: ElementType?
    let key: String
    let elementCount: Int64
}

/// A view of a storage.
struct PickleTensor: Sendable {
    let storage: PickleStorage
    let elementType: ElementType
    let offset: Int64
    let shape: [Int64]
    let strides: [Int64]
}

/// What a pickle can change after it was made. Nodes refer to each other by index, so a pickle
/// that contains itself makes no cycle of references.
struct PickleNode: Sendable {
    enum Kind: Sendable {
        case list
        case dictionary
        /// A call or an object of a class that is not known here.
        case record(PickleGlobal)
    }

    var kind: Kind
    var items: [PickleValue] = []
    /// In order of insertion; a repeated key is appended once more.
    var entries: [(key: PickleValue, value: PickleValue)] = []
    /// What BUILD gave it last.
    var state: PickleValue?
}

/// What a pickle comes to.
struct PickleResult: Sendable {
    let root: PickleValue
    let nodes: [PickleNode]
}
