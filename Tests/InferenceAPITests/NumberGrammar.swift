/// RFC 8259, section 6: `-? (0 | [1-9] digit*) (. digit+)? ([eE] [+-]? digit+)?`.
func isJSONNumber(_ text: [UInt8]) -> Bool {
    var rest = text[...]
    func takeDigits() -> Int {
        let count = rest.prefix { (0x30...0x39).contains($0) }.count
        rest = rest.dropFirst(count)
        return count
    }
    func take(_ choices: String) -> Bool {
        guard let first = rest.first, choices.utf8.contains(first) else { return false }
        rest = rest.dropFirst()
        return true
    }
    _ = take("-")
    let startsWithZero = rest.first == UInt8(ascii: "0")
    let integerDigits = takeDigits()
    if integerDigits == 0 || (startsWithZero && integerDigits > 1) { return false }
    if take("."), takeDigits() == 0 { return false }
    if take("eE") {
        _ = take("+-")
        if takeDigits() == 0 { return false }
    }
    return rest.isEmpty
}
