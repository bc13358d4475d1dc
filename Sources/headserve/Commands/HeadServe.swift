internal import ArgumentParser
internal import Service

/// The process's entry point: blocks signals before any thread exists, then runs the command.
@main
struct HeadServe {
    static func main() {
        StandardDescriptors.open()
        SignalThread.block()
        HeadServeCommand.main()
    }
}

struct HeadServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "headserve",
        abstract: "Serves frozen classifier heads over HTTP: HET-XL, MHE and plain dense ones.",
        discussion: """
            Without a subcommand, headserve serves. Without a model, it serves the four digit \
            models that come with it.
            """,
        version: BuildVersion.text,
        subcommands: [
            ServeCommand.self, CalibrateCommand.self, InspectCommand.self, ConvertCommand.self,
            BenchCommand.self, HealthcheckCommand.self,
        ],
        defaultSubcommand: ServeCommand.self)
}
