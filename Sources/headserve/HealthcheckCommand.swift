internal import ArgumentParser
internal import Foundation
internal import Service

/// `headserve healthcheck`: asks a running server whether it is ready.
struct HealthcheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "healthcheck",
        abstract: "Exit with 0 when the server on this machine is ready, else with 1.",
        discussion: "The port is that of HEADSERVE_PORT unless it is given.")

    @Option(help: "The server's address; the wildcard addresses mean this machine.")
    var host = ProcessInfo.processInfo.environment["HEADSERVE_HOST"] ?? "127.0.0.1"

    @Option(help: "The server's port.")
    var port = ProcessInfo.processInfo.environment["HEADSERVE_PORT"].flatMap(Int.init) ?? 8080

    @Option(help: "How long to wait for the answer, in seconds.")
    var timeout = 5

    func run() throws {
        let probe = HealthProbe(host: host, port: port, timeout: UInt64(max(timeout, 1)))
        do {
            let status = try probe.status()
            guard status == 200 else {
                print("not ready: status \(status)")
                throw ExitCode.failure
            }
            print("ready")
        } catch let error as HealthProbeError {
            print("not ready: \(error)")
            throw ExitCode.failure
        }
    }
}
