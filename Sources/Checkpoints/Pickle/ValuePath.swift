/// The way from the root of an unpickled object to a value in it: the keys on it, outermost first.
///
/// A name is made of it only where something is found, as a file of half a megabyte may hold
/// hundreds of thousands of values that are nothing.
struct ValuePath {
    /// Texts and integers.
    private var keys: [PickleValue] = []
    /// UTF-8 bytes of the names made so far.
    private(set) var madeByteCount = 0

    var isEmpty: Bool { keys.isEmpty }

    mutating func enter(_ key: PickleValue) { keys.append(key) }

    mutating func leave() { keys.removeLast() }

    /// The keys joined by dots; empty for the root. O(length).
    func name(in document: PickleDocument) -> String {
        var name = ""
        for (index, key) in keys.enumerated() {
            if index > 0 { name += "." }
            name += document.keyText(key) ?? ""
        }
        return name
    }

    /// `name(in:)`, counted.
    mutating func makeName(in document: PickleDocument) -> String {
        let name = name(in: document)
        madeByteCount += name.utf8.count
        return name
    }
}
