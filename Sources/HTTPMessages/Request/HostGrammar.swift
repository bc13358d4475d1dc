/// The grammar of a Host header: `uri-host [ ":" port ]` (RFC 9110 §7.2, RFC 3986 §3.2.2).
enum HostGrammar {
    /// Digits of the largest port, 65535.
    private static let portDigits = 5
    private static let colon = UInt8(ascii: ":")

    /// Whether the bytes are a host, a host and a port, or (allowed by the grammar) nothing.
    static func accepts(_ text: ArraySlice<UInt8>) -> Bool {
        if text.first == UInt8(ascii: "[") {
            guard let close = text.firstIndex(of: UInt8(ascii: "]")) else { return false }
            let address = text[(text.startIndex + 1)..<close]
            return (isIPv6(address) || isFutureAddress(address))
                && acceptsPort(text[(close + 1)...])
        }
        let host = text.prefix { $0 != colon }
        return host.isPercentEncoded(over: Grammar.registeredName)
            && acceptsPort(text.dropFirst(host.count))
    }

    private static func acceptsPort(_ text: ArraySlice<UInt8>) -> Bool {
        guard let first = text.first else { return true }
        return first == colon && text.count <= 1 + portDigits
            && text.dropFirst().allSatisfy(Grammar.isDigit)
    }

    /// `IPv6address`: eight groups, or fewer around one `::`. Zones are not part of it.
    private static func isIPv6(_ text: ArraySlice<UInt8>) -> Bool {
        let gap = text.indices.dropLast().first { text[$0] == colon && text[$0 + 1] == colon }
        guard let gap else { return groupCount(text, mayEndInIPv4: true) == 8 }
        guard let before = groupCount(text[..<gap], mayEndInIPv4: false),
            let after = groupCount(text[(gap + 2)...], mayEndInIPv4: true)
        else { return false }
        return before + after <= 7
    }

    /// The number of 16-bit groups in the text; nil if it is not a list of them.
    private static func groupCount(_ text: ArraySlice<UInt8>, mayEndInIPv4: Bool) -> Int? {
        if text.isEmpty { return 0 }
        var groups = text.split(separator: colon, omittingEmptySubsequences: false)
        var count = groups.count
        if mayEndInIPv4, let last = groups.last, isIPv4(last) {
            groups.removeLast()
            count += 1
        }
        let areGroups = groups.allSatisfy { group in
            (1...4).contains(group.count) && group.allSatisfy { Grammar.hexValue($0) != nil }
        }
        return areGroups ? count : nil
    }

    /// `IPv4address`: four decimal numbers up to 255 without leading zeros.
    private static func isIPv4(_ text: ArraySlice<UInt8>) -> Bool {
        let numbers = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return numbers.count == 4
            && numbers.allSatisfy { digits in
                guard (1...3).contains(digits.count), digits.allSatisfy(Grammar.isDigit)
                else { return false }
                let value = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
                return value <= 255 && (digits.count == 1 || digits.first != UInt8(ascii: "0"))
            }
    }

    /// `IPvFuture`: `v`, a hexadecimal version, a dot, and an address of that version.
    private static func isFutureAddress(_ text: ArraySlice<UInt8>) -> Bool {
        guard let first = text.first, Grammar.lowercased(first) == UInt8(ascii: "v")
        else { return false }
        let version = text.dropFirst().prefix { Grammar.hexValue($0) != nil }
        let rest = text.dropFirst(1 + version.count)
        let address = rest.dropFirst()
        return !version.isEmpty && rest.first == UInt8(ascii: ".") && !address.isEmpty
            && address.allSatisfy(Grammar.addressLiteral.contains)
    }
}
