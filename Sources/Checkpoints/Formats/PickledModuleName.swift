/// The module of the first class or function that a pickle refers to, found without running it: by
/// the few opcodes that stand before it in files of scikit-learn, joblib, NumPy and others.
struct PickledModuleName {
    /// Letters, digits, underscores and dots.
    let text: String

    private static let longest = 100
    /// Bytes behind opcodes that are passed over: frames, memo entries, numbers, small containers.
    private static let operandByteCounts: [UInt8: Int] = [
        0x80: 1, 0x95: 8, 0x94: 0, UInt8(ascii: "q"): 1, UInt8(ascii: "r"): 4,
        UInt8(ascii: "("): 0, UInt8(ascii: "}"): 0, UInt8(ascii: "]"): 0, UInt8(ascii: ")"): 0,
        UInt8(ascii: "K"): 1, UInt8(ascii: "M"): 2, UInt8(ascii: "J"): 4, UInt8(ascii: "N"): 0,
    ]

    /// Nil where another opcode stands before the first reference, or none is in `bytes`.
    init?(_ bytes: [UInt8]) {
        var rest = bytes[...]
        var texts: [ArraySlice<UInt8>] = []
        while let opcode = rest.popFirst() {
            switch opcode {
            case UInt8(ascii: "c"):
                self.init(name: rest.prefix { $0 != UInt8(ascii: "\n") })
                return
            case 0x93:
                guard texts.count >= 2 else { return nil }
                self.init(name: texts[texts.count - 2])
                return
            case 0x8c, UInt8(ascii: "X"):
                let width = opcode == 0x8c ? 1 : 4
                let length = rest.prefix(width).reversed().reduce(0) { $0 << 8 | Int($1) }
                guard rest.count >= width + length else { return nil }
                texts.append(rest.dropFirst(width).prefix(length))
                rest = rest.dropFirst(width + length)
            default:
                guard let count = Self.operandByteCounts[opcode] else { return nil }
                rest = rest.dropFirst(count)
            }
        }
        return nil
    }

    private init?(name: ArraySlice<UInt8>) {
        let text = String(decoding: name, as: UTF8.self)
        guard (1...Self.longest).contains(name.count),
            text.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "._".contains($0)) })
        else { return nil }
        self.text = text
    }
}
