import Testing

@testable import Service

@Suite struct PathPatternTests {
    private static let fixed = PathPattern("/v1/models")
    private static let atEnd = PathPattern("/v1/models/{model}")
    private static let withSuffix = PathPattern("/v1/models/{model}:predict")
    private static let inside = PathPattern("/v1/models/{model}/ready")

    @Test func `only a pattern without a placeholder is fixed`() {
        #expect(Self.fixed.isFixed)
        #expect(!Self.atEnd.isFixed && !Self.withSuffix.isFixed && !Self.inside.isFixed)
        #expect(Self.withSuffix.text == "/v1/models/{model}:predict")
    }

    @Test(arguments: [
        "/v1/models/", "/v1/model", "/V1/models", "v1/models", "", "/v1/models?", "/v1/%6dodels",
    ])
    func `a fixed pattern is its own text alone`(path: String) {
        #expect(Self.fixed.match("/v1/models") == .fits([]))
        #expect(Self.fixed.match(path) == .none)
    }

    @Test(arguments: [
        ("a", "a"), ("a.b-c_1", "a.b-c_1"), ("a:predict", "a:predict"), ("{model}", "{model}"),
        ("a%2Fb", "a/b"), ("%41", "A"), ("%e4%B8%ad", "中"), ("%25", "%"), ("%2525", "%25"),
        ("a%3Apredict", "a:predict"), ("+", "+"), ("%00", "\0"),
    ])
    func `a placeholder takes the rest of a segment, percent-decoded`(text: String, model: String) {
        #expect(Self.atEnd.match("/v1/models/" + text) == .fits([model]))
        #expect(Self.inside.match("/v1/models/\(text)/ready") == .fits([model]))
        #expect(Self.withSuffix.match("/v1/models/\(text):predict") == .fits([model]))
    }

    /// Its fixed parts fit, so that no other pattern is asked: `:predict` alone is no model.
    @Test(arguments: ["", "%", "%4", "%g0", "%0g", "%ff", "%C3", "%C3%28", "a%"])
    func `a segment that can be no value fits without one`(text: String) {
        #expect(Self.atEnd.match("/v1/models/" + text) == .fits(nil))
        #expect(Self.inside.match("/v1/models/\(text)/ready") == .fits(nil))
        #expect(Self.withSuffix.match("/v1/models/\(text):predict") == .fits(nil))
    }

    @Test(arguments: ["/", "a/", "/a", "a/b", "a//b", "%2f/", "/%2f"])
    func `a value has no slash but an encoded one`(text: String) {
        #expect(Self.atEnd.match("/v1/models/" + text) == .none)
        #expect(Self.withSuffix.match("/v1/models/\(text):predict") == .none)
    }

    @Test(arguments: [
        "/v1/models/a", "/v1/models/a:predic", "/v1/models/a:Predict", "/v1/models/a:predict/",
        "/v1/models/a%3Apredict", "/v1/models:predict", "/v1/models", "/v1/modelsa:predict",
    ])
    func `the fixed parts fit as they are`(path: String) {
        #expect(Self.withSuffix.match(path) == .none)
    }

    /// The parts may not share bytes: in `/a{model}a` the path `/a` has one `a` for both.
    @Test(arguments: [
        ("/a", PathPattern.Match.none), ("/aa", .fits(nil)),
        ("/aba", .fits(["b"])), ("/aaa", .fits(["a"])),
    ])
    func `prefix and suffix do not overlap`(path: String, match: PathPattern.Match) {
        #expect(PathPattern("/a{model}a").match(path) == match)
    }

    @Test func `several placeholders have their values in order`() {
        let pattern = PathPattern("/v2/models/{model}/versions/{version}/infer")
        #expect(pattern.names == ["model", "version"])
        #expect(pattern.match("/v2/models/a%20b/versions/3/infer") == .fits(["a b", "3"]))
        #expect(pattern.match("/v2/models/a/versions//infer") == .fits(nil))
        #expect(pattern.match("/v2/models/a/infer") == .none)
        #expect(pattern.match("/v2/models/a/versions/3/infer/") == .none)
    }

    /// Every path of up to five bytes over an alphabet of the pattern's own letters, against the
    /// definition: prefix, a value without slash, suffix.
    @Test func `short paths match by the definition`() {
        let pattern = PathPattern("/a{model}:b")
        var paths = [""]
        for _ in 0..<5 {
            paths += paths.flatMap { path in ["/", "a", ":", "b"].map { path + $0 } }
        }
        for path in Set(paths) {
            let bytes = Array(path.utf8)
            let isFit =
                bytes.starts(with: "/a".utf8) && bytes.suffix(2) == Array(":b".utf8)[...]
                && bytes.count >= 4 && !bytes.dropFirst(2).dropLast(2).contains(0x2F)
            let value = isFit ? String(decoding: bytes.dropFirst(2).dropLast(2), as: UTF8.self) : ""
            let expected: PathPattern.Match =
                isFit ? .fits(value.isEmpty ? nil : [value]) : .none
            #expect(pattern.match(path) == expected, "\(path)")
        }
    }
}
