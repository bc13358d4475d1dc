internal import Heads
internal import LogitKernels
internal import Service

/// One setting of `headserve serve`: its names, the option that gives it, the value it sets, and
/// its form. A new setting is an option of `ServeFlags`, a row of `all`, and the value.
///
/// Models and calibrations have no row, as they are lists and their options repeatable.
struct Setting: Sendable {
    /// The key in a file.
    let name: String
    /// The text on the command line, or nil.
    let flagText: @Sendable (ServeFlags) -> String?
    /// Reads a text into the values in force.
    let set: @Sendable (SettingText, inout SettingValues) throws(SettingError) -> Void
    /// Writes the value in force as the log shows it.
    let show: @Sendable (SettingValues) -> String

    private init<Value>(
        _ name: String, _ flag: any KeyPath<ServeFlags, String?> & Sendable,
        _ value: any WritableKeyPath<SettingValues, Value> & Sendable, _ form: SettingForm<Value>
    ) {
        self.name = name
        flagText = { flags in flags[keyPath: flag] }
        set = { text, values throws(SettingError) in
            values[keyPath: value] = try form.read(text)
        }
        show = { values in form.show(values[keyPath: value]) }
    }

    /// Name of the environment variable.
    var environmentName: String { Self.environmentName(name) }
    /// Name of the command-line option.
    var flag: String { "--" + name.replacing("_", with: "-") }

    static let environmentPrefix = "HEADSERVE_"

    static func environmentName(_ name: String) -> String {
        environmentPrefix + name.uppercased()
    }
}

// MARK: The list

extension Setting {
    /// The keys of the models and their calibrations, which the environment and the file have too.
    static let modelName = "model"
    static let calibrationName = "calibration"
    static let listNames = [modelName, calibrationName]

    /// Every key, in the order of the command line's help.
    static var names: [String] { listNames + all.map(\.name) }

    static let all: [Setting] = [
        Setting("host", \.host, \.options.host, .host),
        port, adminPort, tlsCertificate, tlsKey, tlsClientCA,
        Setting("api_key_file", \.apiKeyFile, \.options.apiKeyFile, path),
        Setting("threads", \.threads, \.options.compute.threadCount, .integer(1...maxThreads)),
        kernel,
        Setting("weights", \.weights, \.options.compute.weights, weights),
        Setting("max_batch_rows", \.maxBatchRows, \.options.maxBatchRows, count),
        Setting(
            "max_batch_delay", \.maxBatchDelay, \.options.maxBatchDelay, .duration(shownIn: .ns)),
        Setting("max_queue_rows", \.maxQueueRows, \.options.maxQueueRows, count),
        Setting(
            "request_timeout", \.requestTimeout, \.options.requestTimeout,
            .positiveDuration(shownIn: .ms)),
        Setting("max_body_bytes", \.maxBodyBytes, \.options.maxBodyBytes, .bytes),
        Setting("max_response_bytes", \.maxResponseBytes, \.options.maxResponseBytes, .bytes),
        Setting("max_samples", \.maxSamples, \.options.maxSamples, count),
        Setting("log_format", \.logFormat, \.logFormat, .choice),
        Setting("log_level", \.logLevel, \.logLevel, .choice),
        Setting("drain_delay", \.drainDelay, \.options.drainDelay, .duration(shownIn: .ms)),
        Setting(
            "shutdown_timeout", \.shutdownTimeout, \.options.shutdownTimeout,
            .duration(shownIn: .ms)),
    ]

    // MARK: Rows that the code refers to by name

    static let port = Setting("port", \.port, \.options.port, portNumber)
    static let adminPort = Setting(
        "admin_port", \.adminPort, \.options.adminPort, portNumber.optional(absent: "off"))
    static let tlsCertificate = Setting(
        "tls_certificate", \.tlsCertificate, \.options.tlsCertificate, path)
    static let tlsKey = Setting("tls_key", \.tlsKey, \.options.tlsKey, path)
    static let tlsClientCA = Setting("tls_client_ca", \.tlsClientCA, \.options.tlsClientCA, path)
    static let kernel = Setting(
        "kernel", \.kernel, \.options.compute.instructionSet, .instructionSet)

    // MARK: Forms

    /// More than the processors of any machine.
    private static let maxThreads = 4096
    private static let count = SettingForm.integer(1...Int(Int32.max))
    private static let portNumber = SettingForm.integer(0...65535)
    private static let weights = SettingForm<WeightFormat>.choice.optional(absent: "as stored")
    private static let path = SettingForm.text.optional(absent: "off")
}
