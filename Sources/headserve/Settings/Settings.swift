internal import Clients
internal import Foundation
internal import Heads
internal import Logging
internal import LogitKernels
internal import Logs
internal import Service

/// The effective settings: command line over environment over file over default.
struct Settings {
    var logFormat = LogFormat.text
    var logLevel = Logger.Level.info
    private var options = ServiceOptions()
    private var values: [SettingName: SettingText] = [:]
    private var models: [SettingText] = []

    static func resolve(_ flags: ServeFlags) throws -> Settings {
        let environment = ProcessInfo.processInfo.environment
        var sources = try SettingSources(environment: environment, file: flags.config)
        for (name, text) in flags.given {
            sources.values[name] = SettingText(name: name.flag, text: text)
        }
        if !flags.model.isEmpty {
            sources.models = flags.model.map { SettingText(name: "--model", text: $0) }
        }
        return try Settings(sources, isInKubernetes: environment["KUBERNETES_SERVICE_HOST"] != nil)
    }

    private static let counts = 1...Int(Int32.max)
    /// More threads than any machine has processors.
    private static let threadCounts = 1...4096
    private static let kubernetesDrainDelay: UInt64 = 5_000_000_000

    private init(_ sources: SettingSources, isInKubernetes: Bool) throws(SettingError) {
        values = sources.values
        models = sources.models
        options.compute.threadCount = ProcessorCount.available()
        if isInKubernetes { options.drainDelay = Self.kubernetesDrainDelay }
        if let host = values[.host] { options.host = host.text }
        try set(.port, \.port) { text throws(SettingError) in try text.integer(0...65535) }
        try set(.adminPort, \.adminPort) { text throws(SettingError) in
            try text.integer(0...65535)
        }
        setPaths()
        try set(.threads, \.compute.threadCount) { text throws(SettingError) in
            try text.integer(Self.threadCounts)
        }
        try set(.kernel, \.compute.instructionSet) { text throws(SettingError) in
            try text.instructionSet()
        }
        try set(.weights, \.compute.weights) { text throws(SettingError) in try text.choice() }
        try setCounts()
        try setDurations()
        if let format = values[.logFormat] { logFormat = try format.choice() }
        if let level = values[.logLevel] { logLevel = try level.choice() }
    }

    private mutating func setPaths() {
        for (name, path) in [
            (SettingName.tlsCertificate, \ServiceOptions.tlsCertificate), (.tlsKey, \.tlsKey),
            (.tlsClientCA, \.tlsClientCA), (.apiKeyFile, \.apiKeyFile),
        ] {
            if let setting = values[name] { options[keyPath: path] = setting.text }
        }
    }

    private mutating func setCounts() throws(SettingError) {
        for (name, path) in [
            (SettingName.maxBatchRows, \ServiceOptions.maxBatchRows),
            (.maxQueueRows, \.maxQueueRows), (.maxSamples, \.maxSamples),
        ] {
            try set(name, path) { text throws(SettingError) in try text.integer(Self.counts) }
        }
        for (name, path) in [
            (SettingName.maxBodyBytes, \ServiceOptions.maxBodyBytes),
            (.maxResponseBytes, \.maxResponseBytes),
        ] {
            try set(name, path) { text throws(SettingError) in try text.bytes() }
        }
    }

    private mutating func setDurations() throws(SettingError) {
        try set(.requestTimeout, \.requestTimeout) { text throws(SettingError) in
            try text.positiveDuration()
        }
        for (name, path) in [
            (SettingName.maxBatchDelay, \ServiceOptions.maxBatchDelay),
            (.drainDelay, \.drainDelay), (.shutdownTimeout, \.shutdownTimeout),
        ] {
            try set(name, path) { text throws(SettingError) in try text.duration() }
        }
    }

    private mutating func set<Value>(
        _ name: SettingName, _ path: WritableKeyPath<ServiceOptions, Value>,
        _ parse: (SettingText) throws(SettingError) -> Value
    ) throws(SettingError) {
        if let text = values[name] { options[keyPath: path] = try parse(text) }
    }

    /// What the service is started with.
    func serviceOptions() throws -> ServiceOptions {
        try refuseContradictions()
        var options = options
        options.buildVersion = BuildVersion.text
        options.openAPI = try BundledFiles.openAPI()
        options.models =
            models.isEmpty
            ? try BundledFiles.demoModels() : try modelPaths()
        return options
    }

    private func refuseContradictions() throws(SettingError) {
        let needs: [(SettingName, SettingName)] = [
            (.tlsCertificate, .tlsKey), (.tlsKey, .tlsCertificate),
            (.tlsClientCA, .tlsCertificate),
        ]
        for (name, other) in needs where values[other] == nil {
            if let setting = values[name] {
                throw .missing(other.flag, neededBy: setting.name)
            }
        }
        if let admin = values[.adminPort], options.adminPort == options.port, options.port != 0 {
            throw .samePort(admin.name, values[.port]?.name ?? SettingName.port.flag)
        }
    }

    /// How a probe reaches a server with these settings: by the port for probes where there is one.
    func healthProbe(timeout: UInt64) -> HealthProbe {
        if let port = options.adminPort, port != 0 {
            return HealthProbe(host: options.host, port: port, timeout: timeout)
        }
        return HealthProbe(
            host: options.host, port: options.port, certificate: options.tlsCertificate,
            timeout: timeout)
    }

    private func modelPaths() throws(SettingError) -> [ServiceOptions.ModelPath] {
        try models.map { setting throws(SettingError) in try Self.modelPath(setting) }
    }

    /// `NAME=PATH`, or a path alone. Names stand in URLs and have no slash, so what has one before
    /// its first = is a path.
    private static func modelPath(
        _ setting: SettingText
    ) throws(SettingError) -> ServiceOptions.ModelPath {
        let text = setting.text
        guard let separator = text.firstIndex(of: "="), !text[..<separator].contains("/") else {
            return ServiceOptions.ModelPath(name: nil, path: text)
        }
        let name = text[..<separator]
        guard !name.isEmpty, name.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            throw .value(
                name: setting.name, text: text,
                expected: "[NAME=]PATH with a name without spaces and control characters")
        }
        return ServiceOptions.ModelPath(
            name: String(name), path: String(text[text.index(after: separator)...]))
    }

    /// Every setting in force, for the log.
    var effective: Logger.Metadata {
        [
            "model": "\(models.map(\.text).joined(separator: ","))",
            "host": "\(options.host)", "port": "\(options.port)",
            "admin_port": "\(options.adminPort.map(String.init) ?? "off")",
            "tls_certificate": "\(options.tlsCertificate ?? "off")",
            "tls_key": "\(options.tlsKey ?? "off")",
            "tls_client_ca": "\(options.tlsClientCA ?? "off")",
            "api_key_file": "\(options.apiKeyFile ?? "off")",
            "threads": "\(options.compute.threadCount)",
            "kernel": "\(options.compute.instructionSet.rawValue)",
            "weights": "\(options.compute.weights?.rawValue ?? "as stored")",
            "max_batch_rows": "\(options.maxBatchRows)",
            "max_batch_delay": "\(options.maxBatchDelay)ns",
            "max_queue_rows": "\(options.maxQueueRows)",
            "request_timeout": "\(options.requestTimeout / 1_000_000)ms",
            "max_body_bytes": "\(options.maxBodyBytes)",
            "max_response_bytes": "\(options.maxResponseBytes)",
            "max_samples": "\(options.maxSamples)", "log_format": "\(logFormat.rawValue)",
            "log_level": "\(logLevel.rawValue)",
            "drain_delay": "\(options.drainDelay / 1_000_000)ms",
            "shutdown_timeout": "\(options.shutdownTimeout / 1_000_000)ms",
        ]
    }
}
