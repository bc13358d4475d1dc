internal import ByteText
internal import Glibc

/// A time of day, as logs write it.
package struct WallTime: Sendable {
    /// Since 1970, not before it.
    let milliseconds: UInt64

    package init(milliseconds: UInt64) { self.milliseconds = milliseconds }

    package static var now: WallTime {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return WallTime(
            milliseconds: UInt64(max(0, time.tv_sec)) * 1_000
                + UInt64(time.tv_nsec) / 1_000_000)
    }

    /// `2026-11-25T01:24:12.007Z` (RFC 3339).
    package func append(to bytes: inout [UInt8]) {
        let seconds = milliseconds / 1_000
        appendDate(day: seconds / 86_400, to: &bytes)
        for (unit, mark) in [(3_600, "T"), (60, ":"), (1, ":")] as [(UInt64, Unicode.Scalar)] {
            bytes.append(UInt8(ascii: mark))
            let modulus: UInt64 = unit == 3_600 ? 24 : 60
            bytes.append(decimal: seconds / unit % modulus, width: 2)
        }
        bytes.append(UInt8(ascii: "."))
        bytes.append(decimal: milliseconds % 1_000, width: 3)
        bytes.append(UInt8(ascii: "Z"))
    }

    private func appendDate(day: UInt64, to bytes: inout [UInt8]) {
        let date = CivilDate(daysSince1970: day)
        bytes.append(decimal: date.year, width: 4)
        bytes.append(UInt8(ascii: "-"))
        bytes.append(decimal: date.month, width: 2)
        bytes.append(UInt8(ascii: "-"))
        bytes.append(decimal: date.day, width: 2)
    }
}

extension WallTime: CustomStringConvertible {
    package var description: String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
