extension JSONScanner {
    /// Passes over a value of any form, in which only syntax, keys and depth are checked.
    mutating func skip() throws(CheckpointError) {
        var containers = Containers()
        repeat {
            if accept("{") {
                if !accept("}") {
                    try enter(isObject: true, &containers)
                    continue
                }
            } else if accept("[") {
                if !accept("]") {
                    try enter(isObject: false, &containers)
                    continue
                }
            } else {
                try skipScalar()
            }
            try leave(&containers)
        } while !containers.areObjects.isEmpty
    }

    /// The containers around a place in the text, the outermost first.
    private struct Containers {
        var areObjects: [Bool] = []
        /// The keys of each object among them, and where they stand.
        var keys: [[String: Int]] = []
    }

    /// Reads on behind the opening bracket of a container that is not empty, to its first value.
    private mutating func enter(
        isObject: Bool, _ containers: inout Containers
    ) throws(CheckpointError) {
        containers.areObjects.append(isObject)
        try check(.nestingDepth, containers.areObjects.count, atMost: limits.nestingDepth)
        guard isObject else { return }
        containers.keys.append([:])
        _ = try key(&containers.keys[containers.keys.count - 1])
    }

    /// Reads on behind a value, to the next one in the innermost container that has another.
    private mutating func leave(_ containers: inout Containers) throws(CheckpointError) {
        while let isObject = containers.areObjects.last {
            if accept(",") {
                if isObject { _ = try key(&containers.keys[containers.keys.count - 1]) }
                return
            }
            try expect(isObject ? "}" : "]")
            containers.areObjects.removeLast()
            if isObject { containers.keys.removeLast() }
        }
    }

    private mutating func skipScalar() throws(CheckpointError) {
        if peek() == UInt8(ascii: "\"") {
            _ = try string()
        } else if !accept(word: "true"), !accept(word: "false"), !accept(word: "null") {
            try skipNumber()
        }
    }

    private mutating func skipNumber() throws(CheckpointError) {
        _ = accept(oneOf: "-")
        if !accept(oneOf: "0") { try skipDigits() }
        if accept(oneOf: ".") { try skipDigits() }
        if accept(oneOf: "eE") {
            _ = accept(oneOf: "+-")
            try skipDigits()
        }
    }

    private mutating func skipDigits() throws(CheckpointError) {
        let digits = "0123456789"
        guard accept(oneOf: digits) else { throw malformed }
        while accept(oneOf: digits) {}
    }
}
