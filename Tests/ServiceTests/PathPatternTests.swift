import Testing

@testable import Service

@Suite struct PathPatternTests {
    private static let fixed = PathPattern("/v1/models")
    private static let atEnd = PathPattern("/v1/models/{model}")
    private static let withSuffix = PathPattern("/v1/models/{model}:predict")
    private static let inside = PathPattern("/v1/models/{model}/ready")

    private static func match(_ pattern: PathPattern, _ path: String) -> PathPattern.Match? {
        PathSegments(path).map(pattern.match)
    }

    @Test func `only a pattern without a placeholder is fixed`() {
        #expect(Self.fixed.isFixed)
        #expect(!Self.atEnd.isFixed && !Self.withSuffix.isFixed && !Self.inside.isFixed)
        #expect(Self.withSuffix.text == "/v1/models/{model}:predict")
    }

    @Test(arguments: [
        "/v1/models/", "/v1/model", "/V1/models", "v1/models", "", "/v1/models?",
        "/v1%2Fmodels", "%2Fv1/models", "/v1/models%2F", "/v1/%256dodels", "/v1/%4Dodels",
    ])
    func `a fixed pattern is its own text alone`(path: String) {
        #expect(Self.match(Self.fixed, "/v1/models") == .fits([]))
        #expect(Self.match(Self.fixed, path) == PathPattern.Match.none)
    }

    @Test(arguments: [
        ("a", "a"), ("a.b-c_1", "a.b-c_1"), ("a:predict", "a:predict"), ("{model}", "{model}"),
        ("a%2Fb", "a/b"), ("%41", "A"), ("%e4%B8%ad", "中"), ("%25", "%"), ("%2525", "%25"),
        ("a%3Apredict", "a:predict"), ("+", "+"), ("%00", "\0"), ("%252F", "%2F"),
        ("a%2F%2e%2E%2fb", "a/../b"), ("e%CC%81", "e\u{301}"),
    ])
    func `a placeholder takes the rest of a segment, percent-decoded`(text: String, model: String) {
        #expect(Self.match(Self.atEnd, "/v1/models/" + text) == .fits([model]))
        #expect(Self.match(Self.inside, "/v1/models/\(text)/ready") == .fits([model]))
        #expect(Self.match(Self.withSuffix, "/v1/models/\(text):predict") == .fits([model]))
    }

    /// Its fixed parts fit, so that no other pattern is asked: `:predict` alone is no model.
    @Test func `an empty value fits without one`() {
        #expect(Self.match(Self.atEnd, "/v1/models/") == .fits(nil))
        #expect(Self.match(Self.inside, "/v1/models//ready") == .fits(nil))
        #expect(Self.match(Self.withSuffix, "/v1/models/:predict") == .fits(nil))
        #expect(Self.match(Self.withSuffix, "/v1/models/%3Apredict") == .fits(nil))
    }

    @Test(arguments: ["%", "%4", "%g0", "%0g", "%ff", "%C3", "%C3%28", "a%", "%C0%AF", "%ED%A0%80"])
    func `what is not percent-encoded UTF-8 is no path`(text: String) {
        for path in ["/v1/models/\(text)", "/v1/models/\(text):predict", "\(text)/v1/models"] {
            #expect(PathSegments(path) == nil)
        }
    }

    /// RFC 3986 §6.2.2.2: an unreserved character and its encoding are the same.
    @Test func `an encoded character is that character, in fixed parts too`() {
        let octets = Array("/v1/models/a:predict".utf8)
        for index in octets.indices where octets[index] != UInt8(ascii: "/") {
            for digits in ["0123456789ABCDEF", "0123456789abcdef"].map(Array.init) {
                let code = "%\(digits[Int(octets[index] >> 4)])\(digits[Int(octets[index] & 15)])"
                let path =
                    String(decoding: octets[..<index], as: UTF8.self) + code
                    + String(decoding: octets[(index + 1)...], as: UTF8.self)
                #expect(Self.match(Self.withSuffix, path) == .fits(["a"]), "\(path)")
                #expect(EndpointTable.find(path)?.model == "a")
            }
        }
        #expect(Self.match(Self.fixed, "/%76%31/%6d%6F%64els") == .fits([]))
    }

    /// RFC 3986 §2.4: a path is cut at its slashes first, and decoded once.
    @Test func `an encoded slash separates nothing, and nothing is decoded twice`() {
        #expect(PathSegments("/a%2Fb/c")?.texts == [[], Array("a/b".utf8), Array("c".utf8)])
        #expect(PathSegments("%252F")?.texts == [Array("%2F".utf8)])
        #expect(PathSegments("")?.texts == [[]])
        #expect(Self.match(Self.withSuffix, "/v1%2Fmodels/a:predict") == PathPattern.Match.none)
        #expect(Self.match(Self.withSuffix, "/v1/models/a%253Apredict") == PathPattern.Match.none)
        #expect(Self.match(Self.withSuffix, "/v1/models/a%2F:predict") == .fits(["a/"]))
    }

    /// The Kelvin sign and the Greek question mark, which Unicode holds for K and the semicolon.
    @Test func `letters that Unicode holds for equal are different ones`() {
        #expect(Self.match(PathPattern("/K;"), "/%E2%84%AA;") == PathPattern.Match.none)
        #expect(Self.match(PathPattern("/K;"), "/K%CD%BE") == PathPattern.Match.none)
        #expect(Self.match(PathPattern("/{a}K"), "/x%E2%84%AA") == PathPattern.Match.none)
    }

    @Test(arguments: ["/", "a/", "/a", "a/b", "a//b", "%2f/", "/%2f"])
    func `a value has no slash but an encoded one`(text: String) {
        #expect(Self.match(Self.atEnd, "/v1/models/" + text) == PathPattern.Match.none)
        #expect(Self.match(Self.withSuffix, "/v1/models/\(text):predict") == PathPattern.Match.none)
    }

    @Test(arguments: [
        "/v1/models/a", "/v1/models/a:predic", "/v1/models/a:Predict", "/v1/models/a:predict/",
        "/v1/models/a%253Apredict", "/v1/models:predict", "/v1/models", "/v1/modelsa:predict",
    ])
    func `the fixed parts fit as they are`(path: String) {
        #expect(Self.match(Self.withSuffix, path) == PathPattern.Match.none)
    }

    /// The parts may not share bytes: in `/a{model}a` the path `/a` has one `a` for both.
    @Test(arguments: [
        ("/a", PathPattern.Match.none), ("/aa", .fits(nil)),
        ("/aba", .fits(["b"])), ("/aaa", .fits(["a"])),
    ])
    func `prefix and suffix do not overlap`(path: String, match: PathPattern.Match) {
        #expect(Self.match(PathPattern("/a{model}a"), path) == match)
    }

    @Test func `several placeholders have their values in order`() {
        let pattern = PathPattern("/v2/models/{model}/versions/{version}/infer")
        #expect(pattern.names == ["model", "version"])
        #expect(Self.match(pattern, "/v2/models/a%20b/versions/3/infer") == .fits(["a b", "3"]))
        #expect(Self.match(pattern, "/v2/models/a/versions//infer") == .fits(nil))
        #expect(Self.match(pattern, "/v2/models/a/infer") == PathPattern.Match.none)
        #expect(Self.match(pattern, "/v2/models/a/versions/3/infer/") == PathPattern.Match.none)
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
            #expect(Self.match(pattern, path) == expected, "\(path)")
        }
    }
}
