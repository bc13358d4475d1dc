internal import Logging

/// How log lines look.
enum LogFormat: String, CaseIterable {
    case text
    case json
}

/// The process's log, on standard error.
enum LogOutput {
    static func logger(format: LogFormat, level: Logger.Level) -> Logger {
        var logger = Logger(label: "headserve") { _ in LineLog(format: format) }
        logger.logLevel = level
        return logger
    }
}
