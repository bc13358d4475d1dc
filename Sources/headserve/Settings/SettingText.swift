/// A setting's text, with the name of its source for error messages.
struct SettingText {
    let name: String
    let text: String

    func integer(_ range: ClosedRange<Int>) throws(SettingError) -> Int {
        guard let value = Int(text), range.contains(value) else {
            throw expected("a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// Nanoseconds of a number with one of the units ns, us, ms, s, m, h.
    func duration() throws(SettingError) -> UInt64 {
        guard let nanoseconds = scaled(Self.durationUnits) else {
            throw expected("a duration such as 250ms, 30s or 2m")
        }
        return UInt64(nanoseconds)
    }

    /// Nanoseconds of a duration above 0, for a time limit.
    func positiveDuration() throws(SettingError) -> UInt64 {
        let nanoseconds = try duration()
        guard nanoseconds > 0 else { throw expected("a duration above 0") }
        return nanoseconds
    }

    /// Bytes of a number, alone or with one of the units KiB, MiB, GiB; at least 1.
    func bytes() throws(SettingError) -> Int {
        guard let bytes = scaled(Self.byteUnits), bytes >= 1 else {
            throw expected("a number of bytes such as 65536 or 64MiB")
        }
        return bytes
    }

    /// A name or an address to bind; an IPv6 address may stand in brackets, as it does in a URL.
    func host() throws(SettingError) -> String {
        guard text.isEmpty || text.contains(where: { "[]".contains($0) }) else { return text }
        let address = text.dropFirst().dropLast()
        guard text.hasPrefix("["), text.hasSuffix("]"), address.contains(":"),
            !address.contains(where: { "[]".contains($0) })
        else {
            throw expected(
                "a name or an address without a port, such as localhost, 127.0.0.1, ::1 or [::1]")
        }
        return String(address)
    }

    func choice<Value: RawRepresentable<String> & CaseIterable>() throws(SettingError) -> Value {
        guard let value = Value(rawValue: text) else {
            throw expected("one of " + Value.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return value
    }

    private static let durationUnits = [
        "ns": 1, "us": 1000, "ms": 1_000_000, "s": 1_000_000_000, "m": 60_000_000_000,
        "h": 3_600_000_000_000,
    ]
    private static let byteUnits = ["": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30]

    /// The number of the text's digits times its unit; nil for any other text and on overflow.
    private func scaled(_ units: [String: Int]) -> Int? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int(digits), let unit = units[String(text.dropFirst(digits.count))]
        else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: unit)
        return overflow ? nil : product
    }

    private func expected(_ form: String) -> SettingError {
        .value(name: name, text: text, expected: form)
    }
}
