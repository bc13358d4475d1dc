internal import Foundation
internal import Service

extension SettingText {
    /// The model that the text names: a path that exists, `NAME=PATH`, or a path. PyTorch Lightning
    /// calls files `epoch=3-step=9.ckpt`, so an equals sign alone does not make a name.
    ///
    /// A name stands in URLs and has no slash: a text with a slash before its first `=` is a path.
    func modelPath() throws(SettingError) -> ServiceOptions.ModelPath {
        let argument = "\(name) \(text)"
        guard !Self.isPath(text), let separator = text.firstIndex(of: "="),
            !text[..<separator].contains("/")
        else { return ServiceOptions.ModelPath(name: nil, path: text, argument: argument) }
        let model = text[..<separator]
        guard !model.isEmpty, model.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            throw .value(
                name: name, text: text,
                expected: "a path that exists, or NAME=PATH with a name without spaces and "
                    + "control characters")
        }
        let path = String(text[text.index(after: separator)...])
        return ServiceOptions.ModelPath(
            name: String(model), path: path,
            argument: Self.isPath(path)
                ? argument : "\(argument) (there is no such file, so it was read as NAME=PATH)")
    }

    /// The calibration that the text names, `NAME=FILE`.
    func calibrationPath() throws(SettingError) -> ServiceOptions.CalibrationPath {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
            throw .value(
                name: name, text: text,
                expected: "NAME=FILE, with the name of a model and a calibration of it")
        }
        return ServiceOptions.CalibrationPath(
            model: String(parts[0]), path: String(parts[1]), argument: "\(name) \(text)")
    }

    /// Commas that a path in a list of models may have.
    static let maxPathCommas = 64

    /// The models of a list with commas between. A comma in a path that exists is part of it, as in
    /// `/runs/lr=0.1,wd=0.01`: of several such paths that begin at a place the longest is taken.
    func modelList() -> [SettingText] {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        var models: [SettingText] = []
        var start = 0
        while start < parts.count {
            guard !parts[start].isEmpty else {
                start += 1
                continue
            }
            let end = (start..<min(parts.count, start + Self.maxPathCommas + 1)).last { last in
                Self.namesPath(parts[start...last].joined(separator: ","))
            }
            let model = parts[start...(end ?? start)].joined(separator: ",")
            models.append(SettingText(name: name, text: model))
            start = (end ?? start) + 1
        }
        return models
    }

    /// Whether the text is a path that exists, or `NAME=PATH` with one.
    private static func namesPath(_ text: String) -> Bool {
        guard !isPath(text), let separator = text.firstIndex(of: "=") else { return isPath(text) }
        return !text[..<separator].contains("/")
            && isPath(String(text[text.index(after: separator)...]))
    }

    private static func isPath(_ text: String) -> Bool {
        FileManager.default.fileExists(atPath: text)
    }
}
