internal import HTTPMessages
internal import HTTPTypes

/// The `traceparent` header of W3C Trace Context, level 1: `version-trace-parent-flags` in lower
/// case hexadecimal.
enum TraceParent {
    static let field = HTTPField.Name(literal: "traceparent")
    /// Length of the parts that every version has, hyphens included.
    private static let knownLength = 55
    /// The value of a later version may be longer than that, but beyond this length it is not
    /// carried.
    static let maxBytes = 128

    /// The header's value where there is one and it is valid, as it came.
    static func of(_ headers: HTTPHeaders) -> String? {
        let values = headers.values(of: field)
        guard values.count == 1, isValid(Array(values[0].utf8)) else { return nil }
        return values[0]
    }

    /// Version ff is forbidden, and so are identifiers of zeros only. A version that is not known
    /// may have more behind a hyphen (§3.2.4); version 00 has not.
    private static func isValid(_ text: [UInt8]) -> Bool {
        guard (knownLength...maxBytes).contains(text.count) else { return false }
        let parts = text[..<knownLength].split(
            separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.map(\.count) == [2, 32, 16, 2],
            parts.allSatisfy({ $0.allSatisfy(isLowerHexadecimal) }),
            !parts[0].elementsEqual("ff".utf8), !isZero(parts[1]), !isZero(parts[2])
        else { return false }
        if text.count == knownLength { return true }
        return !isZero(parts[0]) && text[knownLength] == UInt8(ascii: "-")
            && text.allSatisfy { (0x21...0x7E).contains($0) }
    }

    private static func isZero(_ digits: ArraySlice<UInt8>) -> Bool {
        digits.allSatisfy { $0 == UInt8(ascii: "0") }
    }

    private static func isLowerHexadecimal(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
