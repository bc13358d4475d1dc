internal import Foundation
internal import Glibc
internal import Logging

/// A log handler that writes one line an event to standard error, with one system call.
struct LineLog: LogHandler {
    let format: LogFormat
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]

    init(format: LogFormat) { self.format = format }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { $1 }
            .sorted { $0.key < $1.key }.map { ($0.key, "\($0.value)") }
        let time = Date.now.formatted(Self.timeFormat)
        var line =
            switch format {
            case .text: Self.text(time, event, fields)
            case .json: Self.json(time, event, fields)
            }
        line += "\n"
        var bytes = Array(line.utf8)[...]
        while !bytes.isEmpty {
            let written = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count)
            }
            guard written > 0 else { return }
            bytes = bytes.dropFirst(written)
        }
    }

    private static let timeFormat = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    private static func text(
        _ time: String, _ event: LogEvent, _ fields: [(String, String)]
    ) -> String {
        ([time, event.level.rawValue, "\(event.message)"] + fields.map { "\($0)=\($1)" })
            .joined(separator: " ").printable
    }

    private static func json(
        _ time: String, _ event: LogEvent, _ fields: [(String, String)]
    ) -> String {
        let head = [
            ("time", time), ("level", event.level.rawValue), ("message", "\(event.message)"),
        ]
        let members = (head + fields).map { "\(quoted($0)):\(quoted($1))" }
        return "{\(members.joined(separator: ","))}"
    }

    private static func quoted(_ text: String) -> String {
        guard let data = try? JSONEncoder().encode(text) else { return "\"\"" }
        return String(decoding: data, as: UTF8.self)
    }
}
