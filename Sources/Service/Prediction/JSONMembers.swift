internal import InferenceAPI

/// A key and its value in one call.
extension JSONWriter {
    mutating func member(_ name: StaticString, _ value: String) {
        key(name)
        string(value)
    }

    mutating func member(_ name: StaticString, _ value: Int) {
        key(name)
        integer(value)
    }

    mutating func member(_ name: StaticString, _ value: UInt64) {
        key(name)
        integer(value)
    }

    mutating func member(_ name: StaticString, _ value: Bool) {
        key(name)
        bool(value)
    }

    mutating func member(_ name: StaticString, _ value: Float) throws(NotFinite) {
        key(name)
        try number(value)
    }

    mutating func member(_ name: StaticString, _ value: Double) throws(NotFinite) {
        key(name)
        try number(value)
    }
}
