internal import Foundation
internal import Service

/// Files that ship with the binary: beside it after a build, under `/models` in the image.
enum BundledFiles {
    /// The demo models in the order of serving; the first answers requests that name no model.
    static let demoModelNames = ["digits-hetxl", "digits-mhp", "digits-mhc", "digits-mhs"]

    private static let bundleName = "HeadServe_headserve.resources"
    private static let imageModels = "/models"
    private static let imageShare = "/usr/local/share/headserve"

    static func demoModels() throws(SettingError) -> [ServiceOptions.ModelPath] {
        try demoModelNames.map(demoModel)
    }

    static func demoModel(_ name: String) throws(SettingError) -> ServiceOptions.ModelPath {
        let folder = try find("Models", or: imageModels)
        return ServiceOptions.ModelPath(name: name, path: folder + "/" + name)
    }

    static func openAPI() throws(SettingError) -> [UInt8] {
        let path = try find("openapi.yaml", or: imageShare + "/openapi.yaml")
        guard let data = FileManager.default.contents(atPath: path) else {
            throw .file(path: path, reason: "it cannot be read")
        }
        return [UInt8](data)
    }

    private static func find(
        _ name: String, or fallback: String
    ) throws(SettingError) -> String {
        let executable = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        let folder = executable.deletingLastPathComponent().path
        let candidates = ["\(folder)/\(bundleName)/\(name)", fallback]
        guard let path = candidates.first(where: FileManager.default.fileExists(atPath:)) else {
            throw .file(
                path: candidates.joined(separator: ", "),
                reason: "the files that come with headserve are at none of these places")
        }
        return path
    }
}
