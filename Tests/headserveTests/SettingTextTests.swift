import Logs
import Testing

@testable import headserve

@Suite struct SettingTextTests {
    static func text(_ text: String) -> SettingText { SettingText(name: "--x", text: text) }

    @Test(arguments: [
        ("0ns", 0), ("1ns", 1), ("1us", 1_000), ("250ms", 250_000_000), ("30s", 30_000_000_000),
        ("2m", 120_000_000_000), ("1h", 3_600_000_000_000), ("007s", 7_000_000_000),
        ("9223372036854775807ns", UInt64(Int64.max)), ("2562047h", 9_223_369_200_000_000_000),
    ])
    func `a duration is a number with its unit`(_ text: String, _ nanoseconds: UInt64) throws {
        #expect(try Self.text(text).duration() == nanoseconds)
    }

    @Test(arguments: [
        "", "5", "s", "-1s", "+1s", "1 s", "1.5s", "1S", "1d", "1ss", "٣s",
        "9223372036854775808ns", "2562048h",
    ])
    func `anything else is no duration`(_ text: String) {
        #expect(throws: SettingError.self) { try Self.text(text).duration() }
    }

    @Test func `a time for something to happen is above zero`() throws {
        #expect(try Self.text("1ns").positiveDuration() == 1)
        #expect(throws: SettingError.self) { try Self.text("0h").positiveDuration() }
    }

    @Test(arguments: [
        ("1", 1), ("65536", 65536), ("1KiB", 1024), ("64MiB", 67_108_864), ("2GiB", 1 << 31),
        ("9223372036854775807", Int.max), ("8589934591GiB", 8_589_934_591 << 30),
    ])
    func `bytes are a number, alone or with its unit`(_ text: String, _ bytes: Int) throws {
        #expect(try Self.text(text).bytes() == bytes)
    }

    @Test(arguments: [
        "", "0", "0GiB", "-1", "1kib", "1KB", "1 MiB", "KiB", "9223372036854775808",
        "8589934592GiB",
    ])
    func `anything else is no number of bytes`(_ text: String) {
        #expect(throws: SettingError.self) { try Self.text(text).bytes() }
    }

    @Test func `a whole number lies within its range`() throws {
        for number in -1...4 {
            let text = Self.text("\(number)")
            if (0...3).contains(number) {
                #expect(try text.integer(0...3) == number)
            } else {
                #expect(throws: SettingError.self) { try text.integer(0...3) }
            }
        }
    }

    @Test func `a choice is spelt as it is`() throws {
        let format: LogFormat = try Self.text("json").choice()
        #expect(format == .json)
        for text in ["JSON", " json", ""] {
            #expect(throws: SettingError.self) {
                let _: LogFormat = try Self.text(text).choice()
            }
        }
    }
}
