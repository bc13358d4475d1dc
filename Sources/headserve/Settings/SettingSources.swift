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

    private mutating func readEnvironment(_ environment: [String: String]) throws(SettingError) {
        let known = Set(SettingName.allCases.map(\.environmentName))
        let environment = environment.filter {
            $0.key.hasPrefix(SettingName.environmentPrefix)
                && !ServiceLink.matches(key: $0.key, value: $0.value)
        }
        for key in environment.keys.sorted() where !known.contains(key) {
            throw .unknownKey(source: "the environment", key: key)
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
        func content(_ type: ConfigType) throws(SettingError) -> ConfigContent? {
            do {
                return try snapshot.value(forKey: key, type: type).value?.content
            } catch {
                throw .file(path: source, reason: "expected \(Self.shape(of: name))")
            }
        }
        if name == .model {
            guard case .stringArray(let texts)? = try content(.stringArray) else { return }
            models = texts.map { SettingText(name: source, text: $0) }
        } else {
            guard case .string(let text)? = try content(.string) else { return }
            values[name] = SettingText(name: source, text: text)
        }
    }

    private static func shape(of name: SettingName) -> String {
        name == .model ? "a list of texts" : "one value"
    }

    /// The reader looks up keys it is asked for and cannot list them, so the file is listed here.
    /// Nor does it see a mapping where a value belongs.
    private static func refuseUnknownKeys(_ path: String) throws {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        guard let mapping = try Yams.compose(yaml: text)?.mapping else {
            throw SettingError.file(path: path, reason: "expected a mapping of settings")
        }
        let known = Set(SettingName.allCases.map(\.rawValue))
        for key in mapping.keys.compactMap(\.string).sorted() where !known.contains(key) {
            throw SettingError.unknownKey(source: path, key: key)
        }
        for name in SettingName.allCases where mapping[name.rawValue]?.mapping != nil {
            throw SettingError.file(
                path: "\(path): \(name.rawValue)", reason: "expected \(shape(of: name))")
        }
    }
}

/// Variables that Kubernetes sets in every container of a namespace for a Service whose name begins
/// with headserve: no settings, though HEADSERVE_PORT looks like one.
private enum ServiceLink {
    private static let schemes = ["tcp://", "udp://", "sctp://"]

    static func matches(key: String, value: String) -> Bool {
        let isAddress = schemes.contains(where: value.hasPrefix)
        return key.hasSuffix("_SERVICE_HOST") || key.contains("_SERVICE_PORT")
            || key.hasSuffix("_PORT") && isAddress
            || key.contains(/_PORT_[0-9]+_(TCP|UDP|SCTP)/)
    }
}
