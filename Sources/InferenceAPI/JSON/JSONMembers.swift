/// A key and its value in one call.
extension JSONWriter {
    package mutating func member(_ name: StaticString, _ value: String) {
        key(name)
        string(value)
    }

    package mutating func member(_ name: StaticString, _ value: Int) {
        key(name)
        integer(value)
    }

    package mutating func member(_ name: StaticString, _ value: UInt64) {
        key(name)
        integer(value)
    }

    package mutating func member(_ name: StaticString, _ value: Bool) {
        key(name)
        bool(value)
    }

    package mutating func member(_ name: StaticString, _ value: Float) throws(NotFinite) {
        key(name)
        try number(value)
    }

    package mutating func member(_ name: StaticString, _ value: Double) throws(NotFinite) {
        key(name)
        try number(value)
    }
}
