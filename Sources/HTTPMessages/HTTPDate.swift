/// The value of a Date header, formatted once and handed to every answer of its second.
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
        let clamped = Int(min(max(unixSeconds, 0), Self.lastSecond))
        let (day, second) = clamped.quotientAndRemainder(dividingBy: 86_400)
        let date = Self.civil(day)
        var text: [UInt8] = []
        text.reserveCapacity(29)
        text.append(contentsOf: Self.days[day % 7].utf8)
        text.append(contentsOf: ", ".utf8)
        text.append(decimal: date.day, width: 2)
        text.append(Grammar.space)
        text.append(contentsOf: Self.months[date.month - 1].utf8)
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

    /// The Gregorian date of a day counted from 1970-01-01. Years are counted from March, so that
    /// the leap day is a year's last; 400 such years have 146,097 days.
    private static func civil(_ day: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = day + 719_468  // days from 0000-03-01 to 1970-01-01
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let leapDays = dayOfEra / 1460 - dayOfEra / 36_524 + dayOfEra / 146_096
        let yearOfEra = (dayOfEra - leapDays) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (
            era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month,
            dayOfYear - (153 * marchMonth + 2) / 5 + 1
        )
    }
}

extension [UInt8] {
    /// Appends a non-negative number in decimal, zero-padded to at least `width` digits.
    mutating func append(decimal value: Int, width: Int = 1) {
        if value >= 10 || width > 1 { append(decimal: value / 10, width: width - 1) }
        append(UInt8(ascii: "0") + UInt8(value % 10))
    }
}
