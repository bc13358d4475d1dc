/// RFC 3986's percent-encoding.
package enum PercentEncoding {
    /// The text that the octets encode; nil when a `%` lacks its two digits, or when the decoded
    /// octets are not UTF-8.
    package static func decoded(_ octets: Substring.UTF8View) -> String? {
        var bytes: [UInt8] = []
        var rest = octets
        while let octet = rest.popFirst() {
            guard octet == UInt8(ascii: "%") else {
                bytes.append(octet)
                continue
            }
            guard let high = rest.popFirst().flatMap(ASCII.hexadecimalValue),
                let low = rest.popFirst().flatMap(ASCII.hexadecimalValue)
            else { return nil }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
