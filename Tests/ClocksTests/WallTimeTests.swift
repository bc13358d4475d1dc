import Clocks
import Glibc
import Testing

@Suite struct WallTimeTests {
    @Test func `it agrees with the system's calendar`() {
        // Every day of 1970 to 2399, which has every kind of year.
        for day in 0..<157_054 {
            var seconds = time_t(day * 86_400 + day % 86_400)
            var parts = unsafe tm()
            unsafe gmtime_r(&seconds, &parts)
            let fields: [(Int32, Int, String)] = unsafe [
                (parts.tm_year + 1900, 4, "-"), (parts.tm_mon + 1, 2, "-"),
                (parts.tm_mday, 2, "T"), (parts.tm_hour, 2, ":"), (parts.tm_min, 2, ":"),
                (parts.tm_sec, 2, "."), (Int32(day % 1000), 3, "Z"),
            ]
            let expected = fields.map { number, width, mark in
                let digits = String(number)
                return String(repeating: "0", count: width - digits.count) + digits + mark
            }.joined()
            let time = WallTime(milliseconds: UInt64(seconds) * 1000 + UInt64(day % 1000))
            #expect("\(time)" == expected)
        }
    }
}
