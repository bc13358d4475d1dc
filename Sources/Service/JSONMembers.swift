internal import InferenceAPI

/// A key and its value in one call.
extension JSONWriter {
    mutating func member(_ name: String, _ value: String) {
        key(name)
        string(value)
    }

    mutating func member(_ name: String, _ value: some FixedWidthInteger) {
        key(name)
        integer(value)
    }

    mutating func member(_ name: String, _ value: Bool) {
        key(name)
        bool(value)
    }

    mutating func member(_ name: String, _ value: Float) throws(NotFinite) {
        key(name)
        try number(value)
    }

    mutating func member(_ name: String, _ value: Double) throws(NotFinite) {
        key(name)
        try number(value)
    }
}
