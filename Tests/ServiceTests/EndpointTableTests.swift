import Foundation
import HTTPTypes
import Testing

@testable import Service

@Suite struct EndpointTableTests {
    @Test(arguments: [
        ("/predict", "/predict", nil), ("/v1/models", "/v1/models", nil),
        ("/v1/models/a", "/v1/models/{model}", "a"),
        ("/v1/models/a.b-c_1", "/v1/models/{model}", "a.b-c_1"),
        ("/v1/models/a:b", "/v1/models/{model}", "a:b"),
        ("/v1/models/a:predict", "/v1/models/{model}:predict", "a"),
        ("/v1/models/a:predict:predict", "/v1/models/{model}:predict", "a:predict"),
        ("/v1/models/a%20b:predict", "/v1/models/{model}:predict", "a b"),
        ("/v1/models/a%3Apredict", "/v1/models/{model}:predict", "a"),
        ("/v1/models/a%3apredict", "/v1/models/{model}:predict", "a"),
        ("/v1/models/a%2Fb:predict", "/v1/models/{model}:predict", "a/b"),
        ("/v1/models/a%253Apredict", "/v1/models/{model}", "a%3Apredict"),
        ("/%70redict", "/predict", nil), ("/openapi%2Eyaml", "/openapi.yaml", nil),
        ("/v1/models/%C3%A9", "/v1/models/{model}", "é"), ("/health", "/health/ready", nil),
        ("/health/ready", "/health/ready", nil), ("/health/live", "/health/live", nil),
        ("/metrics", "/metrics", nil), ("/openapi.yaml", "/openapi.yaml", nil),
    ])
    func `paths lead to their endpoints`(path: String, label: String, model: String?) throws {
        let route = try #require(EndpointTable.find(path))
        #expect(route.endpoint.label == label)
        #expect(route.model == model)
    }

    @Test(arguments: [
        "/", "", "/predict/", "/Predict", "/v1/models/", "/v1/models/:predict", "/v1/models/a/b",
        "/v1/models/a/b:predict", "/v1/models/%", "/v1/models/%4", "/v1/models/%zz",
        "/v1/models/%ff", "*", "%2A", "/v1%2Fmodels", "/health%2Flive", "%2Fpredict",
        "/v1/models%2Fa", "/v1/models/%3Apredict", "/%2570redict", "/health/", "/metrics/x",
    ])
    func `other paths lead nowhere`(path: String) {
        #expect(EndpointTable.find(path) == nil)
    }

    @Test func `predictions are posted and the rest is read`() {
        for endpoint in EndpointTable.rows {
            let isPrediction = endpoint.label.hasSuffix("predict")
            #expect(endpoint.isPrediction == isPrediction)
            #expect(endpoint.takes(.post) == isPrediction)
            #expect(endpoint.takes(.get) != isPrediction && endpoint.takes(.head) != isPrediction)
            #expect(!endpoint.takes(.put) && !endpoint.takes(.delete))
            #expect(
                endpoint.allow
                    == (isPrediction ? "POST, OPTIONS" : "GET, HEAD, OPTIONS"))
        }
    }

    @Test func `probes and metrics are open, and nothing else`() {
        let open = EndpointTable.rows.filter(\.isOpen).map(\.pattern.text)
        #expect(open == ["/health/live", "/health/ready", "/health", "/metrics"])
    }

    @Test func `labels are those of the rows, each once`() {
        let labels = EndpointTable.labels
        #expect(
            labels.all == [
                "/predict", "/v1/models/{model}:predict", "/v1/models", "/v1/models/{model}",
                "/health/live", "/health/ready", "/metrics", "/openapi.yaml", "none",
            ])
        #expect(labels.predictions == ["/predict", "/v1/models/{model}:predict"])
    }

    /// The document's paths with their methods: `  /path:` and, below it, `    get:`.
    @Test func `the table is that of the OpenAPI document`() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/headserve/openapi.yaml")
        var documented: [String: Set<String>] = [:]
        var path: String?
        var isInPaths = false
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
            if !line.hasPrefix(" ") {
                isInPaths = line == "paths:"
            } else if isInPaths, line.hasPrefix("  /") {
                path = String(line.dropFirst(2).prefix { $0 != " " }.dropLast())
                    .replacing("{name}", with: "{model}")
            } else if isInPaths, let path, line.hasPrefix("    "), !line.hasPrefix("     ") {
                let word = String(line.dropFirst(4).prefix { $0 != ":" })
                let methods = ["get", "post", "head", "options", "put", "delete", "patch"]
                if methods.contains(word) { documented[path, default: []].insert(word) }
            }
        }
        var served: [String: Set<String>] = [:]
        for endpoint in EndpointTable.rows {
            let methods: [HTTPRequest.Method] = [.get, .post, .put, .delete, .patch]
            served[endpoint.pattern.text] = Set(
                methods.filter(endpoint.takes).map { $0.rawValue.lowercased() })
        }
        for (path, methods) in documented {
            #expect(served[path] == methods.subtracting(["head", "options"]), "\(path)")
        }
        #expect(Set(documented.keys) == Set(served.keys))
    }
}

@Suite struct ModelNameTests {
    @Test(arguments: [
        ("a", true), ("9", true), ("digits-hetxl", true), ("A.b_c-1", true), ("", false),
        ("-a", false), (".a", false), ("a b", false), ("a/b", false), ("a:b", false),
        ("a%20", false), ("é", false), (String(repeating: "a", count: 127), true),
        (String(repeating: "a", count: 128), true), (String(repeating: "a", count: 129), false),
    ])
    func `model names stand in URLs as they are`(name: String, isName: Bool) {
        #expect(ModelSet.isName(name) == isName)
    }
}
