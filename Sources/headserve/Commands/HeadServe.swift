internal import ArgumentParser
internal import Service

/// The process: signals are put aside before any thread exists, then the command line runs.
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
        abstract: "Serves frozen HET-XL and MHE classifier heads over HTTP.",
        discussion: """
            Without a subcommand, headserve serves. Without a model, it serves the four digit \
            models that come with it.
            """,
        version: BuildVersion.text,
        subcommands: [
            ServeCommand.self, InspectCommand.self, ConvertCommand.self, BenchCommand.self,
            HealthcheckCommand.self,
        ],
        defaultSubcommand: ServeCommand.self)
}

/// The version of this build.
enum BuildVersion {
    static let text = "0.1.0"
}
