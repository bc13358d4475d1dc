internal import Configuration
internal import Foundation
internal import Yams

/// Texts of the settings that the command line, the environment and the configuration file give.
struct SettingSources {
    /// Texts by the key of their setting.
    private var texts: [String: SettingText] = [:]
    /// Texts of the settings that are lists, by key.
    private var lists: [String: [SettingText]] = [:]

    var models: [SettingText] { lists[Setting.modelName] ?? [] }
    var calibrations: [SettingText] { lists[Setting.calibrationName] ?? [] }

    subscript(_ setting: Setting) -> SettingText? { texts[setting.name] }

    /// Reads the file, then the environment, then the command line: the last one to give a setting
    /// wins. A key that is not a setting is an error.
    init(_ flags: ServeFlags, environment: [String: String]) throws {
        if let file = flags.config { try readFile(file) }
        try readEnvironment(environment)
        read(flags)
    }

    // MARK: Command line

    private mutating func read(_ flags: ServeFlags) {
        for setting in Setting.all {
            guard let text = setting.flagText(flags) else { continue }
            texts[setting.name] = SettingText(name: setting.flag, text: text)
        }
        for (name, texts) in [
            (Setting.modelName, flags.model), (Setting.calibrationName, flags.calibration),
        ] where !texts.isEmpty {
            lists[name] = texts.map { SettingText(name: "--" + name, text: $0) }
        }
    }

    // MARK: Environment

    private mutating func readEnvironment(_ environment: [String: String]) throws(SettingError) {
        let known = Set(Setting.names.map(Setting.environmentName))
        let environment = environment.filter {
            $0.key.hasPrefix(Setting.environmentPrefix)
                && !ServiceLink.matches(key: $0.key, value: $0.value)
        }
        for key in environment.keys.sorted() where !known.contains(key) {
            throw .unknownKey(source: "the environment", key: key, known: Setting.names)
        }
        for setting in Setting.all {
            guard let text = environment[setting.environmentName], !text.isEmpty else { continue }
            texts[setting.name] = SettingText(name: setting.environmentName, text: text)
        }
        for name in Setting.listNames {
            let variable = Setting.environmentName(name)
            if let text = environment[variable], !text.isEmpty {
                lists[name] = SettingText(name: variable, text: text).modelList()
            }
        }
    }

    // MARK: File

    private mutating func readFile(_ path: String) throws {
        let snapshot: YAMLSnapshot
        do {
            let data = try Self.contents(path)
            try Self.refuseUnknownKeys(data, path)
            snapshot = try YAMLSnapshot(
                data: data.bytes, providerName: path, parsingOptions: .default)
        } catch let error as SettingError {
            throw error
        } catch {
            throw SettingError.file(path: path, reason: "\(error)")
        }
        for name in Setting.names {
            try read(name, from: snapshot, path)
        }
    }

    private static func contents(_ path: String) throws(SettingError) -> Data {
        var isFolder = false
        let argument = "--config \(path)"
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            let folder = FileManager.default.currentDirectoryPath
            throw .file(
                path: argument,
                reason: "there is no such file, seen from \(folder): give the path of a file with "
                    + "settings in YAML or JSON")
        }
        guard !isFolder else {
            throw .file(
                path: argument, reason: "it is a folder: give the path of the file in it")
        }
        do { return try Data(contentsOf: URL(filePath: path)) } catch {
            throw .file(path: argument, reason: "it cannot be read: \(error.localizedDescription)")
        }
    }

    private mutating func read(
        _ name: String, from snapshot: YAMLSnapshot, _ path: String
    ) throws {
        let key = AbsoluteConfigKey([name], context: [:])
        let source = "\(path): \(name)"
        func content(_ type: ConfigType) throws(SettingError) -> ConfigContent? {
            do {
                return try snapshot.value(forKey: key, type: type).value?.content
            } catch {
                throw .file(path: source, reason: "expected \(Self.shape(of: name))")
            }
        }
        if Setting.listNames.contains(name) {
            guard case .stringArray(let texts)? = try content(.stringArray) else { return }
            lists[name] = texts.map { SettingText(name: source, text: $0) }
        } else {
            guard case .string(let text)? = try content(.string) else { return }
            texts[name] = SettingText(name: source, text: text)
        }
    }

    private static func shape(of name: String) -> String {
        Setting.listNames.contains(name) ? "a list of texts" : "one value"
    }

    /// Refuses keys that are not settings, and mappings in the place of a value. The configuration
    /// reader looks up single keys: it cannot list them, and it does not see such mappings.
    private static func refuseUnknownKeys(_ data: Data, _ path: String) throws {
        guard let text = String(data: data, encoding: .utf8) else {
            throw SettingError.file(path: path, reason: "it is not UTF-8: save it as UTF-8")
        }
        guard let mapping = try Yams.compose(yaml: text)?.mapping else {
            throw SettingError.file(path: path, reason: "expected a mapping of settings")
        }
        let names = Setting.names
        for key in mapping.keys.compactMap(\.string).sorted() where !names.contains(key) {
            throw SettingError.unknownKey(source: path, key: key, known: names)
        }
        for name in names where mapping[name]?.mapping != nil {
            throw SettingError.file(
                path: "\(path): \(name)", reason: "expected \(shape(of: name))")
        }
    }
}

/// Variables that Kubernetes sets in every container of a namespace for a Service whose name begins
/// with headserve. They are not settings, though HEADSERVE_PORT looks like one.
private enum ServiceLink {
    private static let schemes = ["tcp://", "udp://", "sctp://"]

    static func matches(key: String, value: String) -> Bool {
        let isAddress = schemes.contains(where: value.hasPrefix)
        return key.hasSuffix("_SERVICE_HOST") || key.contains("_SERVICE_PORT")
            || key.hasSuffix("_PORT") && isAddress
            || key.contains(/_PORT_[0-9]+_(TCP|UDP|SCTP)/)
    }
}
