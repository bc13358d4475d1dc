/// A form of setting: a function that reads its text, and one that writes its value for the log.
struct SettingForm<Value>: Sendable {
    let read: @Sendable (SettingText) throws(SettingError) -> Value
    let show: @Sendable (Value) -> String

    /// This form for a setting that may be off.
    ///
    /// - Parameter absent: the log's text for a setting that is off.
    func optional(absent: String) -> SettingForm<Value?> {
        let (read, show) = (read, show)
        return SettingForm<Value?>(
            read: { text throws(SettingError) in try read(text) },
            show: { value in value.map(show) ?? absent })
    }
}

extension SettingForm<String> {
    static var text: Self {
        Self(read: { text throws(SettingError) in text.text }, show: { $0 })
    }

    static var host: Self {
        Self(read: { text throws(SettingError) in try text.host() }, show: { $0 })
    }
}

extension SettingForm<Int> {
    static func integer(_ range: ClosedRange<Int>) -> Self {
        Self(read: { text throws(SettingError) in try text.integer(range) }, show: { "\($0)" })
    }

    static var bytes: Self {
        Self(read: { text throws(SettingError) in try text.bytes() }, show: { "\($0)" })
    }
}

extension SettingForm<UInt64> {
    /// A unit of durations in the log, which are rounded down.
    enum Unit: UInt64, Sendable {
        case ns = 1
        case ms = 1_000_000

        func text(_ nanoseconds: UInt64) -> String { "\(nanoseconds / rawValue)\(self)" }
    }

    static func duration(shownIn unit: Unit) -> Self {
        Self(read: { text throws(SettingError) in try text.duration() }, show: unit.text)
    }

    static func positiveDuration(shownIn unit: Unit) -> Self {
        Self(read: { text throws(SettingError) in try text.positiveDuration() }, show: unit.text)
    }
}

extension SettingForm where Value: RawRepresentable<String> & CaseIterable & SendableMetatype {
    static var choice: Self {
        Self(read: { text throws(SettingError) in try text.choice() }, show: \.rawValue)
    }
}
