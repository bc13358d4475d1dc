internal import Clients
internal import Foundation
internal import Heads
internal import Logging
internal import Logs
internal import Service

/// The settings in force: command line over environment over file over default.
struct Settings {
    private let values: SettingValues
    private let sources: SettingSources

    var logFormat: LogFormat { values.logFormat }
    var logLevel: Logger.Level { values.logLevel }

    private static let kubernetesDrainDelay: UInt64 = 5_000_000_000

    static func resolve(
        _ flags: ServeFlags,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> Settings {
        let sources = try SettingSources(flags, environment: environment)
        var values = SettingValues()
        values.options.compute.threadCount = ProcessorCount.available()
        if environment["KUBERNETES_SERVICE_HOST"] != nil {
            values.options.drainDelay = kubernetesDrainDelay
        }
        for setting in Setting.all {
            if let text = sources[setting] { try setting.set(text, &values) }
        }
        return Settings(values: values, sources: sources)
    }

    /// Options that the service is started with.
    func serviceOptions() throws -> ServiceOptions {
        try refuseContradictions()
        var options = values.options
        options.buildVersion = BuildVersion.text
        options.openAPI = try BundledFiles.openAPI()
        options.models =
            sources.models.isEmpty
            ? try BundledFiles.demoModels() : try modelPaths()
        options.calibrations = try calibrationPaths()
        return options
    }

    private func refuseContradictions() throws(SettingError) {
        let needs: [(Setting, Setting)] = [
            (.tlsCertificate, .tlsKey), (.tlsKey, .tlsCertificate),
            (.tlsClientCA, .tlsCertificate),
        ]
        for (setting, other) in needs where sources[other] == nil {
            if let text = sources[setting] {
                throw .missing(other.flag, neededBy: text.name)
            }
        }
        let options = values.options
        if let admin = sources[.adminPort], options.adminPort == options.port, options.port != 0 {
            throw .samePort(admin.name, sources[.port]?.name ?? Setting.port.flag)
        }
    }

    /// A probe of the server that runs with these settings; it asks the admin port if there is one.
    func healthProbe(timeout: UInt64) -> HealthProbe {
        let options = values.options
        if let port = options.adminPort, port != 0 {
            return HealthProbe(host: options.host, port: port, timeout: timeout)
        }
        return HealthProbe(
            host: options.host, port: options.port, certificate: options.tlsCertificate,
            timeout: timeout)
    }

    private func modelPaths() throws(SettingError) -> [ServiceOptions.ModelPath] {
        try sources.models.map { text throws(SettingError) in try text.modelPath() }
    }

    private func calibrationPaths() throws(SettingError) -> [ServiceOptions.CalibrationPath] {
        var paths: [ServiceOptions.CalibrationPath] = []
        for text in sources.calibrations {
            let path = try text.calibrationPath()
            if let first = paths.first(where: { $0.model == path.model }) {
                throw .value(
                    name: text.name, text: text.text,
                    expected: "one calibration a model; '\(path.model)' has \(first.path) already")
            }
            paths.append(path)
        }
        return paths
    }

    /// Every setting in force, for the log; no model where the demo models are served.
    var effective: Logger.Metadata {
        var shown: Logger.Metadata = [
            Setting.modelName: "\(sources.models.map(\.text).joined(separator: ","))"
        ]
        if !sources.calibrations.isEmpty {
            shown[Setting.calibrationName] =
                "\(sources.calibrations.map(\.text).joined(separator: ","))"
        }
        for setting in Setting.all { shown[setting.name] = "\(setting.show(values))" }
        return shown
    }
}
