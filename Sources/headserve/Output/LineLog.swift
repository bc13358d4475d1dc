internal import Clocks
internal import Foundation
internal import Logging
internal import Logs

/// A log handler that writes each event as one line to a sink.
struct LineLog: LogHandler {
    let format: LogFormat
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]

    private let sink: LogSink

    init(format: LogFormat, sink: LogSink) {
        self.format = format
        self.sink = sink
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { $1 }
            .sorted { $0.key < $1.key }.map { ($0.key, "\($0.value)") }
        let time = "\(WallTime.now)"
        let line =
            switch format {
            case .text: Self.text(time, event, fields)
            case .json: Self.json(time, event, fields)
            }
        sink.append(line)
    }

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
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        guard let data = try? encoder.encode(text) else { return "\"\"" }
        return String(decoding: data, as: UTF8.self)
    }
}
