/// The header of a NumPy array: a Python dictionary literal with exactly the keys `descr`,
/// `fortran_order` and `shape`, in any order, as Python 2 or 3 writes it.
///
/// Its text is not trusted: it is read once from front to back, in memory of its own length.
package struct NumPyHeader: Sendable {
    /// The element type, for example `<f4`; not checked.
    package let descriptor: String
    package let isFortranOrder: Bool
    /// Sizes of the dimensions, 0 or more each; their product may overflow.
    package let shape: [Int]

    package init(_ text: [UInt8]) throws(ArrayDefect) {
        var scanner = NumPyHeaderScanner(text)
        var descriptor: String?
        var isFortranOrder: Bool?
        var shape: [Int]?
        try scanner.expect("{")
        while !scanner.accept("}") {
            let key = try scanner.string()
            try scanner.expect(":")
            switch key {
            case "descr" where descriptor == nil: descriptor = try scanner.descriptor()
            case "fortran_order" where isFortranOrder == nil:
                isFortranOrder = try scanner.boolean()
            case "shape" where shape == nil: shape = try scanner.shape()
            case "descr", "fortran_order", "shape": throw .repeatedKey(key)
            default: throw .unknownKey(key)
            }
            if !scanner.accept(",") {
                try scanner.expect("}")
                break
            }
        }
        try scanner.expectEnd()
        guard let descriptor else { throw .missingKey("descr") }
        guard let isFortranOrder else { throw .missingKey("fortran_order") }
        guard let shape else { throw .missingKey("shape") }
        self.descriptor = descriptor
        self.isFortranOrder = isFortranOrder
        self.shape = shape
    }
}

/// Reads the few forms of Python literals that occur in the header, skipping white space between
/// tokens.
private struct NumPyHeaderScanner {
    private let text: [UInt8]
    private var position = 0

    init(_ text: [UInt8]) { self.text = text }

    private var defect: ArrayDefect { .malformedHeader(offset: position) }

    private mutating func peek() -> UInt8? {
        while position < text.count, [0x20, 0x09, 0x0a, 0x0d].contains(text[position]) {
            position += 1
        }
        return position < text.count ? text[position] : nil
    }

    mutating func accept(_ character: Unicode.Scalar) -> Bool {
        guard peek() == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    mutating func expect(_ character: Unicode.Scalar) throws(ArrayDefect) {
        guard accept(character) else { throw defect }
    }

    mutating func expectEnd() throws(ArrayDefect) {
        guard peek() == nil else { throw defect }
    }

    /// A string in single or double quotes, without escapes; Python 2 may put a `u` before it.
    mutating func string() throws(ArrayDefect) -> String {
        _ = accept("u")
        guard let quote = peek(), quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
            throw defect
        }
        let rest = text[(position + 1)...]
        guard let end = rest.firstIndex(of: quote), !rest[..<end].contains(UInt8(ascii: "\\"))
        else { throw defect }
        position = end + 1
        return String(decoding: rest[..<end], as: UTF8.self)
    }

    /// The element type; a list or tuple would describe records.
    mutating func descriptor() throws(ArrayDefect) -> String {
        if let next = peek(), next == UInt8(ascii: "[") || next == UInt8(ascii: "(") {
            throw .structured
        }
        return try string()
    }

    mutating func boolean() throws(ArrayDefect) -> Bool {
        _ = peek()
        for (word, value) in [("True", true), ("False", false)]
        where text[position...].starts(with: Array(word.utf8)) {
            position += word.utf8.count
            return value
        }
        throw defect
    }

    /// A tuple of sizes. As in Python, one size needs a comma behind it.
    mutating func shape() throws(ArrayDefect) -> [Int] {
        try expect("(")
        var sizes: [Int] = []
        while !accept(")") {
            sizes.append(try size())
            let hasComma = accept(",")
            guard hasComma || (sizes.count > 1 && peek() == UInt8(ascii: ")")) else {
                throw defect
            }
        }
        return sizes
    }

    /// Decimal digits. Python 2 writes an `L` behind a long integer: every size on Windows.
    private mutating func size() throws(ArrayDefect) -> Int {
        _ = peek()
        var value: Int?
        while position < text.count, (0x30...0x39).contains(text[position]) {
            let (product, overflows) = (value ?? 0).multipliedReportingOverflow(by: 10)
            let (sum, overflowsToo) = product.addingReportingOverflow(Int(text[position] - 0x30))
            guard !overflows, !overflowsToo else { throw defect }
            value = sum
            position += 1
        }
        guard let value else { throw defect }
        _ = accept("L")
        return value
    }
}
