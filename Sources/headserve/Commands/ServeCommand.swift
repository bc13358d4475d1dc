internal import ArgumentParser
internal import Foundation
internal import Glibc
internal import Logging
internal import Logs
internal import Service

/// `headserve serve`: the server.
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve models over HTTP until SIGTERM or SIGINT.",
        discussion: """
            Every option may also stand in the environment, as HEADSERVE_ and its name in upper \
            case with underscores, or in the file named by --config, under its name with \
            underscores. An option on the command line wins over the environment, that over the \
            file, that over the default. HEADSERVE_MODEL takes several models with commas between; \
            a comma in a path that exists is part of the path.
            """)

    @OptionGroup var flags: ServeFlags

    func run() throws {
        let settings = try Settings.resolve(flags)
        let log = LogOutput.logger(format: settings.logFormat, level: settings.logLevel)
        defer { LogOutput.sink.flush() }
        log.info("settings", metadata: settings.effective)
        var options = try settings.serviceOptions()
        options.log = LogOutput.sink
        options.accessLog = settings.logLevel <= .info ? settings.logFormat : nil
        do {
            let ending = try Server(options, log: log).run { url in
                log.info("ready", metadata: ["address": "\(url)"])
            }
            if ending == .abandonedWork {
                LogOutput.sink.flush()
                _exit(EXIT_SUCCESS)
            }
        } catch {
            log.critical("cannot serve", metadata: ["reason": "\(error)"])
            throw ExitCode.failure
        }
    }
}
