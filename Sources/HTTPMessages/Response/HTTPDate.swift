internal import ByteText
internal import Clocks

/// The value of a Date header, formatted once for all answers of its second.
package struct HTTPDate: Sendable, Equatable {
    /// 29 ASCII bytes such as `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7).
    package let bytes: [UInt8]

    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    /// 9999-12-31T23:59:59Z, the last second whose year has four digits.
    private static let lastSecond: Int64 = 253_402_300_799

    /// Formats seconds since 1970-01-01T00:00:00Z, clamped to the years 1970 to 9999.
    package init(unixSeconds: Int64) {
        let clamped = UInt64(min(max(unixSeconds, 0), Self.lastSecond))
        let (day, second) = clamped.quotientAndRemainder(dividingBy: 86_400)
        let date = CivilDate(daysSince1970: day)
        var text: [UInt8] = []
        text.reserveCapacity(29)
        text.append(contentsOf: Self.days[Int(day % 7)].utf8)
        text.append(contentsOf: ", ".utf8)
        text.append(decimal: date.day, width: 2)
        text.append(Grammar.space)
        text.append(contentsOf: Self.months[Int(date.month) - 1].utf8)
        text.append(Grammar.space)
        text.append(decimal: date.year, width: 4)
        text.append(Grammar.space)
        text.append(decimal: second / 3600, width: 2)
        text.append(UInt8(ascii: ":"))
        text.append(decimal: second / 60 % 60, width: 2)
        text.append(UInt8(ascii: ":"))
        text.append(decimal: second % 60, width: 2)
        text.append(contentsOf: " GMT".utf8)
        bytes = text
    }
}
