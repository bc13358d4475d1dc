import ArgumentParser
import Foundation
import LogitKernels
import Testing

@testable import headserve

@Suite struct SettingErrorTests {
    static let keys = """
        the keys are model, calibration, host, port, admin_port, tls_certificate, tls_key, \
        tls_client_ca, \
        api_key_file, threads, kernel, weights, max_batch_rows, max_batch_delay, max_queue_rows, \
        request_timeout, max_body_bytes, max_response_bytes, max_samples, log_format, log_level, \
        drain_delay, shutdown_timeout
        """

    static let port = "a whole number from 0 to 65535"
    static let count = "a whole number from 1 to 2147483647"
    static let host =
        "a name or an address without a port, such as localhost, 127.0.0.1, ::1 or [::1]"
    static let duration = "a duration such as 250ms, 30s or 2m"
    static let bytes = "a number of bytes such as 65536 or 64MiB"
    static let kernels =
        "one of those that this machine can run: "
        + InstructionSet.supported.map(\.rawValue).joined(separator: ", ")

    @Test(arguments: [
        ("port", "65536", port), ("port", "-1", port), ("port", "1.0", port),
        ("admin-port", "x", port),
        ("host", "[::1", host), ("host", "::1]", host), ("host", "[::1]:8080", host),
        ("host", "[127.0.0.1]", host), ("host", "[]", host), ("host", "[[::1]]", host),
        ("host", "[localhost]", host),
        ("threads", "0", "a whole number from 1 to 4096"),
        ("threads", "4097", "a whole number from 1 to 4096"),
        ("kernel", "sse", kernels),
        ("weights", "float16", "one of float32, bfloat16, int8"),
        ("max-batch-rows", "0", count), ("max-batch-rows", "2147483648", count),
        ("max-batch-delay", "1", duration), ("max-batch-delay", "ms", duration),
        ("max-queue-rows", "0", count), ("max-samples", "0", count),
        ("request-timeout", "0s", "a duration above 0"), ("request-timeout", "x", duration),
        ("max-body-bytes", "0", bytes), ("max-body-bytes", "1MB", bytes),
        ("max-response-bytes", "-1", bytes),
        ("log-format", "xml", "one of text, json"),
        (
            "log-level", "INFO",
            "one of trace, debug, info, notice, warning, error, critical"
        ),
        ("drain-delay", "1 s", duration), ("shutdown-timeout", "1.5s", duration),
    ])
    func `a wrong text is refused under the name it was given by`(
        _ name: String, _ text: String, _ expected: String
    ) {
        #expect(
            SettingsTests.refusal(["--\(name)=\(text)"])
                == "--\(name) is '\(text)', expected \(expected)")
        let key = name.replacing("-", with: "_")
        #expect(
            SettingsTests.refusal(file: "\(key): '\(text)'")
                == "FILE: \(key) is '\(text)', expected \(expected)")
        let variable = "HEADSERVE_" + key.uppercased()
        #expect(
            SettingsTests.refusal(environment: [variable: text])
                == "\(variable) is '\(text)', expected \(expected)")
    }

    @Test func `an empty text in a file is a wrong one`() {
        #expect(
            SettingsTests.refusal(file: "port: ''") == "FILE: port is '', expected \(Self.port)")
    }

    // MARK: Unknown keys

    @Test func `an unknown key is refused, the first of several`() {
        #expect(
            SettingsTests.refusal(environment: ["HEADSERVE_Z": "", "HEADSERVE_PORTS": "1"])
                == "the environment has the unknown key 'HEADSERVE_PORTS'; " + Self.keys)
        #expect(
            SettingsTests.refusal(file: "zebra: 1\nport: 1\napple: 2")
                == "FILE has the unknown key 'apple'; " + Self.keys)
    }

    @Test func `the variables of a Kubernetes service are none of ours`() {
        let links = [
            "HEADSERVE_PORT": "tcp://10.0.0.1:80", "HEADSERVE_SERVICE_HOST": "10.0.0.1",
            "HEADSERVE_SERVICE_PORT": "80", "HEADSERVE_SERVICE_PORT_HTTP": "80",
            "HEADSERVE_PORT_80_TCP": "tcp://10.0.0.1:80", "HEADSERVE_PORT_80_TCP_PROTO": "tcp",
            "HEADSERVE_ADMIN_PORT": "udp://10.0.0.1:80",
        ]
        #expect(SettingsTests.refusal(environment: links) == nil)
        #expect(
            SettingsTests.refusal(environment: ["HEADSERVE_PORT": "http://10.0.0.1"])
                == "HEADSERVE_PORT is 'http://10.0.0.1', expected \(Self.port)")
    }

    // MARK: Files

    @Test(arguments: [
        ("- port", "FILE: expected a mapping of settings"),
        ("", "FILE: expected a mapping of settings"),
        ("port: {a: 1}", "FILE: port: expected one value"),
        ("port: [1, 2]", "FILE: port: expected one value"),
        ("model: {a: 1}", "FILE: model: expected a list of texts"),
    ])
    func `a file of another shape is refused`(_ text: String, _ expected: String) {
        #expect(SettingsTests.refusal(file: text) == expected)
    }

    @Test func `a file that is not there is named`() throws {
        let text = try #require(SettingsTests.refusal(["--config", "/nonexistent.yaml"]))
        #expect(text.hasPrefix("--config /nonexistent.yaml: there is no such file, seen from /"))
        #expect(text.hasSuffix(": give the path of a file with settings in YAML or JSON"))
    }

    @Test func `a folder and bytes that are no text are no settings`() throws {
        #expect(
            SettingsTests.refusal(["--config", "/proc"])
                == "--config /proc: it is a folder: give the path of the file in it")
        let path = NSTemporaryDirectory() + "headserve-latin1-\(UUID().uuidString).yaml"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data([0x68, 0x6f, 0x73, 0x74, 0x3a, 0x20, 0xe9]).write(to: URL(filePath: path))
        #expect(
            SettingsTests.refusal(["--config", path])
                == "\(path): it is not UTF-8: save it as UTF-8")
    }

    // MARK: The list

    @Test func `every option of the command line is a setting`() {
        let help = ServeFlags.helpMessage(columns: 1000)
        let options = help.matches(of: /--([a-z-]+)/).map { String($0.1) }.filter {
            !["config", "help"].contains($0)
        }
        let keys = options.map { $0.replacing("-", with: "_") }
        #expect(Set(keys) == Set(Setting.names))
        #expect(Setting.names.count == Set(Setting.names).count)
    }

    @Test func `each row reads the option of its name`() throws {
        for setting in Setting.all {
            let flags = try ServeFlags.parse([setting.flag, "text"])
            #expect(
                Setting.all.filter { $0.flagText(flags) == "text" }.map(\.name)
                    == [setting.name])
        }
    }
}
