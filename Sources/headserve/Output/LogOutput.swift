internal import Glibc
internal import Logging
internal import Logs

/// The process's log, on standard error.
enum LogOutput {
    static let sink = LogSink(descriptor: STDERR_FILENO)

    static func logger(format: LogFormat, level: Logger.Level) -> Logger {
        var logger = Logger(label: "headserve") { _ in LineLog(format: format, sink: sink) }
        logger.logLevel = level
        return logger
    }
}
