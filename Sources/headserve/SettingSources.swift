internal import Configuration
internal import Foundation
internal import Yams

/// The settings that the environment and the configuration file give, as texts.
struct SettingSources {
    var values: [SettingName: SettingText] = [:]
    var models: [SettingText] = []

    /// Reads both; what neither knows stays out, and a key that is no setting is an error.
    init(environment: [String: String], file: String?) throws {
        if let file { try readFile(file) }
        try readEnvironment(environment)
    }

    // MARK: Environment

    /// Variables that Kubernetes sets for a Service of this name; they are no settings.
    private static let serviceLinks = ["HEADSERVE_SERVICE_", "HEADSERVE_PORT_"]

    private mutating func readEnvironment(_ environment: [String: String]) throws(SettingError) {
        let known = Set(SettingName.allCases.map(\.environmentName))
        let own = environment.keys.filter { $0.hasPrefix(SettingName.environmentPrefix) }
        for key in own.sorted() where !known.contains(key) {
            guard Self.serviceLinks.contains(where: key.hasPrefix) else {
                throw .unknownKey(source: "the environment", key: key)
            }
        }
        for name in SettingName.allCases {
            guard let text = environment[name.environmentName], !text.isEmpty else { continue }
            let value = SettingText(name: name.environmentName, text: text)
            guard name == .model else {
                values[name] = value
                continue
            }
            models = text.split(separator: ",").map {
                SettingText(name: value.name, text: String($0))
            }
        }
    }

    // MARK: File

    private mutating func readFile(_ path: String) throws {
        let snapshot: YAMLSnapshot
        do {
            try Self.refuseUnknownKeys(path)
            let data = try Data(contentsOf: URL(filePath: path))
            snapshot = try YAMLSnapshot(
                data: data.bytes, providerName: path, parsingOptions: .default)
        } catch let error as SettingError {
            throw error
        } catch {
            throw SettingError.file(path: path, reason: "\(error)")
        }
        for name in SettingName.allCases {
            try read(name, from: snapshot, path)
        }
    }

    private mutating func read(
        _ name: SettingName, from snapshot: YAMLSnapshot, _ path: String
    ) throws {
        let key = AbsoluteConfigKey([name.rawValue], context: [:])
        let source = "\(path): \(name.rawValue)"
        if name == .model {
            let content = try snapshot.value(forKey: key, type: .stringArray).value?.content
            guard case .stringArray(let texts)? = content else { return }
            models = texts.map { SettingText(name: source, text: $0) }
        } else {
            let content = try snapshot.value(forKey: key, type: .string).value?.content
            guard case .string(let text)? = content else { return }
            values[name] = SettingText(name: source, text: text)
        }
    }

    /// The reader looks up keys it is asked for and cannot list them, so the file is listed here.
    private static func refuseUnknownKeys(_ path: String) throws {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        guard let mapping = try Yams.compose(yaml: text)?.mapping else {
            throw SettingError.file(path: path, reason: "expected a mapping of settings")
        }
        let known = Set(SettingName.allCases.map(\.rawValue))
        for key in mapping.keys.compactMap(\.string).sorted() where !known.contains(key) {
            throw SettingError.unknownKey(source: path, key: key)
        }
    }
}
