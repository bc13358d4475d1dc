internal import ArgumentParser
internal import Heads

/// `headserve inspect`: a description of a checkpoint, without serving it.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show what a checkpoint holds and what its model.json must still say.",
        discussion: """
            Prints the format, the tensors, the head and the rule by which it was recognised, and \
            every key of model.json with its value and where that comes from; and the calibration, \
            where there is one. Exits with 1 when the file is no checkpoint, holds no head that is \
            served, or has a calibration that is refused.
            """)

    @Argument(help: "A checkpoint file, or a folder with a model.json.")
    var path: String

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let inspection: ModelInspection
        do throws(ModelError) {
            inspection = try ModelInspection(path: path)
        } catch {
            StandardError.write("\(error)")
            throw ExitCode.failure
        }
        print(json ? try InspectionJSON(inspection).text() : InspectionText(inspection).text)
        if case .failure = inspection.head { throw ExitCode.failure }
        if case .failure = inspection.calibration { throw ExitCode.failure }
    }
}
