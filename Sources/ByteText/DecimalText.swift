/// Text as bytes, appended without a string or an allocation between.
extension [UInt8] {
    @inlinable
    package mutating func append(literal text: StaticString) {
        text.withUTF8Buffer { unsafe append(contentsOf: $0) }
    }

    /// The number in decimal, with zeros before it up to `width` digits.
    @inlinable
    package mutating func append(decimal number: UInt64, width: Int = 1) {
        if number >= 10 || width > 1 { append(decimal: number / 10, width: width - 1) }
        append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number % 10))
    }

    /// Nanoseconds as milliseconds with three places, rounded down.
    package mutating func append(milliseconds nanoseconds: UInt64) {
        append(decimal: nanoseconds / 1_000_000)
        append(UInt8(ascii: "."))
        append(decimal: nanoseconds / 1_000 % 1_000, width: 3)
    }
}
