import ArgumentParser
import Foundation
import Heads
import LogitKernels
import Service
import Testing

@testable import headserve

@Suite struct SettingsTests {
    /// Settings of a command line, of the environment, and of a file's text, for as long as the
    /// file is there. A refusal is its text, with FILE in the place of the path.
    static func resolve<Result>(
        _ arguments: [String] = [], environment: [String: String] = [:], file: String? = nil,
        _ body: (Settings) throws -> Result
    ) throws -> Result {
        var arguments = arguments
        let path = NSTemporaryDirectory() + "headserve-settings-\(UUID().uuidString).yaml"
        defer { try? FileManager.default.removeItem(atPath: path) }
        if let file {
            try file.write(toFile: path, atomically: true, encoding: .utf8)
            arguments += ["--config", path]
        }
        do {
            let flags = try ServeFlags.parse(arguments)
            return try body(try Settings.resolve(flags, environment: environment))
        } catch let error as SettingError {
            throw SettingRefusal(text: "\(error)".replacing(path, with: "FILE"))
        }
    }

    struct SettingRefusal: Error { let text: String }

    static func resolve(
        _ arguments: [String] = [], environment: [String: String] = [:], file: String? = nil
    ) throws -> Settings {
        try resolve(arguments, environment: environment, file: file) { $0 }
    }

    /// The text of the refusal; nil where the service could be started.
    static func refusal(
        _ arguments: [String] = [], environment: [String: String] = [:], file: String? = nil
    ) -> String? {
        do {
            try resolve(arguments, environment: environment, file: file) { settings in
                _ = try settings.serviceOptions()
            }
            return nil
        } catch {
            return (error as? SettingRefusal)?.text ?? "\(error)"
        }
    }

    static func shown(_ settings: Settings, _ name: String) -> String? {
        settings.effective[name].map { "\($0)" }
    }

    // MARK: Precedence

    /// A setting with what the log has without it, and three texts with what the log has of each.
    struct Case: CustomTestStringConvertible {
        let name: String
        let standard: String
        let texts: [(text: String, shown: String)]

        init(_ name: String, _ standard: String, _ texts: [(String, String)]) {
            self.name = name
            self.standard = standard
            self.texts = texts
        }

        /// Texts that the log has as they are.
        init(_ name: String, _ standard: String, same texts: [String]) {
            self.init(name, standard, texts.map { ($0, $0) })
        }

        var testDescription: String { name }
    }

    static let kernels = InstructionSet.supported.map(\.rawValue)
    static let cases = [
        Case("host", "127.0.0.1", [("a", "a"), ("[::1]", "::1"), ("::", "::")]),
        Case("port", "8080", same: ["0", "1", "65535"]),
        Case("admin_port", "off", same: ["0", "1", "65535"]),
        Case("tls_certificate", "off", same: ["a", "b", "c"]),
        Case("tls_key", "off", same: ["a", "b", "c"]),
        Case("tls_client_ca", "off", same: ["a", "b", "c"]),
        Case("api_key_file", "off", same: ["a", "b", "c"]),
        Case("threads", "\(ProcessorCount.available())", same: ["1", "2", "4096"]),
        Case(
            "kernel", InstructionSet.best.rawValue,
            same: (0..<3).map { kernels[$0 % kernels.count] }),
        Case("weights", "as stored", same: ["float32", "bfloat16", "int8"]),
        Case("max_batch_rows", "64", same: ["1", "2", "2147483647"]),
        Case(
            "max_batch_delay", "0ns",
            [("5ns", "5ns"), ("2us", "2000ns"), ("3ms", "3000000ns")]),
        Case("max_queue_rows", "4096", same: ["1", "2", "2147483647"]),
        Case(
            "request_timeout", "30000ms", [("1s", "1000ms"), ("1h", "3600000ms"), ("1ns", "0ms")]),
        Case(
            "max_body_bytes", "67108864",
            [("1", "1"), ("2KiB", "2048"), ("3GiB", "3221225472")]),
        Case(
            "max_response_bytes", "67108864",
            [("1", "1"), ("2KiB", "2048"), ("3MiB", "3145728")]),
        Case("max_samples", "100000", same: ["1", "2", "2147483647"]),
        Case("log_format", "text", same: ["json", "text", "json"]),
        Case("log_level", "info", same: ["trace", "error", "critical"]),
        Case("drain_delay", "0ms", [("1s", "1000ms"), ("2m", "120000ms"), ("1999us", "1ms")]),
        Case("shutdown_timeout", "20000ms", [("0s", "0ms"), ("2m", "120000ms"), ("7ms", "7ms")]),
    ]

    @Test func `the cases are all settings`() {
        #expect(Self.cases.map(\.name) == Setting.all.map(\.name))
    }

    @Test(arguments: cases)
    func `a flag beats the environment, that the file, that the default`(_ setting: Case) throws {
        let name = setting.name
        let flag = ["--" + name.replacing("_", with: "-"), setting.texts[0].text]
        let environment = ["HEADSERVE_" + name.uppercased(): setting.texts[1].text]
        let file = "\(name): '\(setting.texts[2].text)'"
        #expect(Self.shown(try Self.resolve(), name) == setting.standard)
        #expect(Self.shown(try Self.resolve(file: file), name) == setting.texts[2].shown)
        let two = try Self.resolve(environment: environment, file: file)
        #expect(Self.shown(two, name) == setting.texts[1].shown)
        let three = try Self.resolve(flag, environment: environment, file: file)
        #expect(Self.shown(three, name) == setting.texts[0].shown)
        // No other setting is touched.
        for other in Self.cases where other.name != name {
            #expect(Self.shown(three, other.name) == other.standard)
        }
    }

    @Test func `an overridden text is not read`() throws {
        let settings = try Self.resolve(
            ["--port", "1"], environment: ["HEADSERVE_PORT": "x"], file: "port: y")
        #expect(Self.shown(settings, "port") == "1")
    }

    @Test func `an empty variable is no setting`() throws {
        let settings = try Self.resolve(environment: ["HEADSERVE_PORT": ""], file: "port: 9")
        #expect(Self.shown(settings, "port") == "9")
    }

    @Test func `a file may be JSON`() throws {
        let settings = try Self.resolve(file: #"{"port": 9, "model": ["a=b", "c"]}"#)
        #expect(Self.shown(settings, "port") == "9")
        #expect(Self.shown(settings, "model") == "a=b,c")
    }

    @Test func `Kubernetes waits five seconds before it drains`() throws {
        var environment = ["KUBERNETES_SERVICE_HOST": "10.0.0.1"]
        #expect(Self.shown(try Self.resolve(environment: environment), "drain_delay") == "5000ms")
        environment["HEADSERVE_DRAIN_DELAY"] = "1s"
        #expect(Self.shown(try Self.resolve(environment: environment), "drain_delay") == "1000ms")
    }

    // MARK: The service's options

    @Test func `the defaults are those of the contract`() throws {
        let options = try Self.resolve().serviceOptions()
        #expect(
            options.models.map(\.name)
                == ["digits-hetxl", "digits-mhp", "digits-mhc", "digits-mhs"])
        #expect((options.host, options.port) == ("127.0.0.1", 8080))
        #expect((options.maxBatchRows, options.maxBatchDelay) == (64, 0))
        #expect(options.maxQueueRows == 4096)
        #expect(options.requestTimeout == 30_000_000_000)
        #expect((options.maxBodyBytes, options.maxResponseBytes) == (64 << 20, 64 << 20))
        #expect(options.maxSamples == 100_000)
        #expect((options.drainDelay, options.shutdownTimeout) == (0, 20_000_000_000))
        #expect(options.adminPort == nil && options.compute.weights == nil)
        #expect(!options.openAPI.isEmpty)
    }

    @Test func `durations are nanoseconds`() throws {
        let options = try Self.resolve([
            "--request-timeout", "1ns", "--max-batch-delay", "2us", "--drain-delay", "3m",
            "--shutdown-timeout", "4h",
        ]).serviceOptions()
        #expect((options.requestTimeout, options.maxBatchDelay) == (1, 2000))
        #expect(options.drainDelay == 180_000_000_000)
        #expect(options.shutdownTimeout == 14_400_000_000_000)
    }

    // MARK: Models

    @Test func `models of one source replace those of another`() throws {
        let environment = ["HEADSERVE_MODEL": "a=1,,b"]
        let file = "model: [c, d]"
        #expect(Self.shown(try Self.resolve(file: file), "model") == "c,d")
        let two = try Self.resolve(environment: environment, file: file)
        #expect(Self.shown(two, "model") == "a=1,b")
        let flags = ["--model", "e", "--model", "f,g"]
        let three = try Self.resolve(flags, environment: environment, file: file)
        #expect(try three.serviceOptions().models.map(\.path) == ["e", "f,g"])
    }

    // MARK: Contradictions

    @Test func `a certificate needs its key, and the key its certificate`() {
        #expect(
            Self.refusal(["--tls-certificate", "a"])
                == "--tls-certificate is of no use without --tls-key")
        #expect(
            Self.refusal(environment: ["HEADSERVE_TLS_KEY": "a"])
                == "HEADSERVE_TLS_KEY is of no use without --tls-certificate")
        #expect(
            Self.refusal(file: "tls_client_ca: a")
                == "FILE: tls_client_ca is of no use without --tls-certificate")
        #expect(Self.refusal(["--tls-certificate", "a", "--tls-key", "b"]) == nil)
    }

    @Test func `both ports must differ, unless the kernel chooses them`() {
        #expect(
            Self.refusal(["--admin-port", "8080"])
                == "--admin-port and --port name the same port")
        #expect(
            Self.refusal(["--admin-port", "7"], environment: ["HEADSERVE_PORT": "7"])
                == "--admin-port and HEADSERVE_PORT name the same port")
        #expect(Self.refusal(["--admin-port", "0", "--port", "0"]) == nil)
        #expect(Self.refusal(["--admin-port", "8081"]) == nil)
    }
}
