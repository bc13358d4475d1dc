/// The header of a NumPy array (format versions 1 to 3).
struct NpyHeader: Equatable {
    let elementType: ElementType
    let isBigEndian: Bool
    let isFortranOrder: Bool
    let shape: [Int]
    /// Where the data begin.
    let dataOffset: Int

    private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
    /// Longest header that is read. NumPy pads to 64 bytes; real headers have some hundred.
    static let maximumBytes = 16_384
    /// Magic, version and the longest length field.
    static let preambleBytes = 12

    /// Reads the header at the start of `bytes`.
    init(_ bytes: [UInt8]) throws(NpyFault) {
        guard bytes.starts(with: Self.magic) else { throw .badMagic }
        guard bytes.count >= Self.preambleBytes else { throw .truncatedHeader }
        let length: Int
        let start: Int
        switch bytes[6] {
        case 1: (length, start) = (Int(bytes[8]) | Int(bytes[9]) << 8, 10)
        case 2, 3:
            length = (0..<4).reduce(0) { $0 | Int(bytes[8 + $1]) << (8 * $1) }
            start = 12
        default: throw .version(bytes[6])
        }
        guard length <= Self.maximumBytes else {
            throw .headerTooLong(bytes: length, limit: Self.maximumBytes)
        }
        guard bytes.count >= start + length else { throw .truncatedHeader }
        var parser = NpyHeaderParser(bytes[start..<start + length])
        let fields = try parser.parse()
        (elementType, isBigEndian) = try Self.elementType(fields.type)
        isFortranOrder = fields.isFortranOrder
        shape = fields.shape
        dataOffset = start + length
    }

    /// `<f4` and the like. NumPy writes bfloat16, which it does not know, as a void of two bytes.
    private static func elementType(_ text: String) throws(NpyFault) -> (ElementType, Bool) {
        let types: [Substring: ElementType] = [
            "f8": .float64, "f4": .float32, "f2": .float16, "V2": .bfloat16, "i8": .int64,
            "i4": .int32, "i2": .int16, "i1": .int8, "u8": .uint64, "u4": .uint32,
            "u2": .uint16, "u1": .uint8, "b1": .bool,
        ]
        guard let order = text.first, "<>|=".contains(order), let type = types[text.dropFirst()]
        else { throw .elementType(text) }
        guard order != "|" || type.byteCount == 1 || type == .bfloat16 else {
            throw .elementType(text)
        }
        return (type, order == ">" && type != .bfloat16)
    }
}

/// The header's text: a Python dictionary literal with exactly three keys, in any order.
struct NpyHeaderParser {
    struct Fields: Equatable {
        var type = ""
        var isFortranOrder = false
        var shape: [Int] = []
    }

    private let text: [UInt8]
    private var offset = 0

    /// More dimensions than NumPy arrays can have.
    private static let maximumDimensions = 64

    init(_ text: some Sequence<UInt8>) { self.text = Array(text) }

    mutating func parse() throws(NpyFault) -> Fields {
        var fields = Fields()
        var seen: Set<String> = []
        try expect("{")
        while !skip("}") {
            let key = try string()
            guard seen.insert(key).inserted else { throw fault("each key once") }
            try expect(":")
            switch key {
            case "descr": fields.type = try elementType()
            case "fortran_order": fields.isFortranOrder = try bool()
            case "shape": fields.shape = try tuple()
            default: throw fault("one of descr, fortran_order, shape")
            }
            if !skip(",") {
                try expect("}")
                break
            }
        }
        guard seen.count == 3 else { throw fault("descr, fortran_order and shape") }
        skipSpace()
        guard offset == text.count else { throw fault("the end") }
        return fields
    }

    private mutating func elementType() throws(NpyFault) -> String {
        skipSpace()
        guard offset < text.count, text[offset] != UInt8(ascii: "[") else {
            throw .elementType("a structure")
        }
        return try string()
    }

    private mutating func string() throws(NpyFault) -> String {
        try expect("'")
        guard let end = text[offset...].firstIndex(of: UInt8(ascii: "'")),
            let string = String(validating: text[offset..<end], as: UTF8.self)
        else { throw fault("a closing quote") }
        offset = end + 1
        return string
    }

    private mutating func bool() throws(NpyFault) -> Bool {
        skipSpace()
        for (word, value) in [("True", true), ("False", false)]
        where text[offset...].starts(with: word.utf8) {
            offset += word.utf8.count
            return value
        }
        throw fault("True or False")
    }

    private mutating func tuple() throws(NpyFault) -> [Int] {
        var values: [Int] = []
        try expect("(")
        while !skip(")") {
            guard values.count < Self.maximumDimensions else {
                throw fault("at most \(Self.maximumDimensions) dimensions")
            }
            values.append(try integer())
            // One element needs its comma: (3) is no tuple.
            if !skip(",") {
                guard values.count > 1 else { throw fault("','") }
                try expect(")")
                break
            }
        }
        return values
    }

    private mutating func integer() throws(NpyFault) -> Int {
        skipSpace()
        let digits = text[offset...].prefix { (0x30...0x39).contains($0) }
        guard let value = Int(String(decoding: digits, as: UTF8.self)) else {
            throw fault("a whole number")
        }
        offset = digits.endIndex
        return value
    }

    private mutating func expect(_ character: Unicode.Scalar) throws(NpyFault) {
        guard skip(character) else { throw fault("'\(character)'") }
    }

    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard offset < text.count, text[offset] == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    private mutating func skipSpace() {
        while offset < text.count, text[offset] == 0x20 || text[offset] == 0x0A { offset += 1 }
    }

    private func fault(_ expected: String) -> NpyFault {
        .headerSyntax(offset: offset, expected: expected)
    }
}
