import HTTPTypes
import Testing

@testable import Service

@Suite struct RouteTests {
    @Test(arguments: [
        ("/predict", Route.predict), ("/v1/models", .models), ("/v1/models/a", .model(name: "a")),
        ("/v1/models/a.b-c_1", .model(name: "a.b-c_1")),
        ("/v1/models/a:predict", .modelPredict(name: "a")),
        ("/v1/models/a%20b:predict", .modelPredict(name: "a b")),
        ("/v1/models/%C3%A9", .model(name: "é")), ("/health", .ready),
        ("/health/ready", .ready), ("/health/live", .live), ("/metrics", .metrics),
        ("/openapi.yaml", .openAPI),
    ])
    func pathsLeadToTheirEndpoints(_ path: String, _ route: Route) {
        #expect(Route.find(path) == route)
    }

    @Test(arguments: [
        "/", "", "/predict/", "/Predict", "/v1/models/", "/v1/models/:predict", "/v1/models/a/b",
        "/v1/models/%", "/v1/models/%4", "/v1/models/%zz", "/v1/models/%ff", "*", "/health/",
        "/metrics/x",
    ])
    func otherPathsLeadNowhere(_ path: String) {
        #expect(Route.find(path) == nil)
    }

    @Test func predictionsArePostedAndTheRestIsRead() {
        for route in [Route.predict, .modelPredict(name: "m")] {
            #expect(route.takes(.post))
            #expect(!route.takes(.get) && !route.takes(.head) && !route.takes(.put))
            #expect(route.allowedMethods.description == "POST, OPTIONS")
        }
        for route in [Route.models, .model(name: "m"), .live, .ready, .metrics, .openAPI] {
            #expect(route.takes(.get) && route.takes(.head))
            #expect(!route.takes(.post) && !route.takes(.delete))
            #expect(route.allowedMethods.description == "GET, HEAD, OPTIONS")
        }
    }

    @Test func everyLabelIsRegistered() {
        let routes = [
            Route.predict, .modelPredict(name: "x"), .models, .model(name: "x"), .live, .ready,
            .metrics, .openAPI,
        ]
        #expect(Set(routes.map(\.label) + [Route.noneLabel]) == Set(Route.labels))
        #expect(Set(Route.labels).count == Route.labels.count)
    }

    @Test(arguments: [
        ("a", true), ("9", true), ("digits-hetxl", true), ("A.b_c-1", true), ("", false),
        ("-a", false), (".a", false), ("a b", false), ("a/b", false), ("a:b", false),
        ("a%20", false), ("é", false), (String(repeating: "a", count: 127), true),
        (String(repeating: "a", count: 128), true), (String(repeating: "a", count: 129), false),
    ])
    func modelNamesStandInURLsAsTheyAre(_ name: String, _ isName: Bool) {
        #expect(ModelSet.isName(name) == isName)
    }
}
