internal import ArgumentParser
internal import Clients

/// `headserve healthcheck`: a probe of a running server's readiness.
struct HealthcheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "healthcheck",
        abstract: "Exit with 0 when the server on this machine is ready, else with 1.",
        discussion: """
            It takes the options of serve, its environment and its file, and so finds a server \
            that was started with the same: by --host (the wildcard addresses mean this machine) \
            and --port, over TLS with --tls-certificate, which it trusts as it is, or by \
            --admin-port.
            """)

    @OptionGroup var flags: ServeFlags

    @Option(help: "How long to wait for the answer, in seconds.")
    var timeout = 5

    func run() throws {
        let probe = try Settings.resolve(flags).healthProbe(timeout: UInt64(max(timeout, 1)))
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
