package import Heads
package import Logs

/// Every setting of the service, validated once and handed on. Times are nanoseconds.
package struct ServiceOptions: Sendable {
    /// A model to serve: a checkpoint file or a folder with a `model.json`.
    package struct ModelPath: Sendable {
        /// The name by which requests ask for it; nil for the folder's or file's stem.
        package let name: String?
        package let path: String
        /// The whole argument that names it, for messages.
        package let argument: String

        /// Messages have the path where nobody has given an argument.
        package init(name: String?, path: String, argument: String? = nil) {
            self.name = name
            self.path = path
            self.argument = argument ?? path
        }
    }

    /// A calibration for one of the models.
    package struct CalibrationPath: Sendable {
        /// The model's name.
        package let model: String
        package let path: String
        /// The whole argument that names it, for messages.
        package let argument: String

        package init(model: String, path: String, argument: String) {
            (self.model, self.path, self.argument) = (model, path, argument)
        }
    }

    /// The first answers requests that name no model.
    package var models: [ModelPath] = []
    /// Calibrations of models that have none of their own; no two of one model.
    package var calibrations: [CalibrationPath] = []
    package var host = "127.0.0.1"
    /// 0 lets the kernel choose.
    package var port = 8080
    /// A port for probes and metrics, in clear text; nil for none, 0 lets the kernel choose.
    package var adminPort: Int?
    /// Files in PEM; certificate and key come together, the client CA only with them.
    package var tlsCertificate: String?
    package var tlsKey: String?
    package var tlsClientCA: String?
    /// One key a line; nil asks for none.
    package var apiKeyFile: String?
    /// Threads, instruction set and the format of weights.
    package var compute = ComputeOptions()
    package var maxBatchRows = 64
    package var maxBatchDelay: UInt64 = 0
    package var maxQueueRows = 4096
    package var requestTimeout: UInt64 = 30_000_000_000
    package var maxBodyBytes = 64 << 20
    package var maxResponseBytes = 64 << 20
    /// Bytes of requests and answers that all connections together may hold before arriving bodies
    /// are refused with 503; at least a few of the largest.
    package var maxHeldBytes: Int {
        let (few, overflow) = max(maxBodyBytes, maxResponseBytes)
            .multipliedReportingOverflow(by: 4)
        return overflow ? .max : max(1 << 30, few)
    }
    package var maxSamples = 100_000
    package var drainDelay: UInt64 = 0
    package var shutdownTimeout: UInt64 = 20_000_000_000
    /// The log, for its loss metrics; nil for none.
    package var log: LogSink?
    /// Format of access-log lines; nil turns them off.
    package var accessLog: LogFormat?
    /// The OpenAPI document served at `/openapi.yaml`.
    package var openAPI: [UInt8] = []
    /// The version of this build, for `headserve_build_info`.
    package var buildVersion = "0"

    package init() {}
}
