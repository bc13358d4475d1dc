import Testing

@testable import InferenceAPI

@Suite struct MalformedJSONTests {
    /// Body, offset of the first byte that cannot be right, what was expected there, pointer.
    @Test(
        arguments: [
            ("", 0, JSONExpectation.value, ""),
            ("  ", 2, .value, ""),
            ("{", 1, .keyOrBrace, ""),
            ("{,", 1, .keyOrBrace, ""),
            (#"{"a" 1}"#, 5, .colon, "/a"),
            (#"{"a": }"#, 6, .value, "/a"),
            (#"{"a": 1,}"#, 8, .key, ""),
            (#"{"a": 1 "b": 2}"#, 8, .commaOrBrace, ""),
            ("[1, 2", 5, .commaOrBracket, ""),
            ("[1 2]", 3, .commaOrBracket, ""),
            ("[1,]", 3, .value, "/1"),
            ("[,1]", 1, .value, "/0"),
            (#"{"instances": [[1, 2, x]]}"#, 22, .value, "/instances/0/2"),
            (#"{"instances": [[1, 2], [nan]]}"#, 24, .literal("null"), "/instances/1/0"),
            ("[tru]", 1, .literal("true"), "/0"),
            ("[01]", 2, .commaOrBracket, ""),
            ("[1.]", 3, .digit, "/0"),
            ("[.5]", 1, .value, "/0"),
            ("[+1]", 1, .value, "/0"),
            ("[-]", 2, .digit, "/0"),
            ("[1e]", 3, .digit, "/0"),
            ("[1e+]", 4, .digit, "/0"),
            ("[0x10]", 2, .commaOrBracket, ""),
            ("[Infinity]", 1, .value, "/0"),
            ("['a']", 1, .value, "/0"),
            (#"["a"#, 3, .closingQuote, "/0"),
            (#"["\x"]"#, 3, .escape, "/0"),
            (#"["\u12g4"]"#, 6, .hexadecimalDigit, "/0"),
            (#"["\ud800"]"#, 2, .surrogatePair, "/0"),
            (#"["\ud800\u0041"]"#, 2, .surrogatePair, "/0"),
            (#"["\udc00"]"#, 2, .surrogatePair, "/0"),
            ("[\"a\tb\"]", 3, .escapedControl, "/0"),
            ("[1] 2", 4, .end, ""),
            ("[1]]", 3, .end, ""),
            ("// x\n[1]", 0, .value, ""),
            ("[1, /* x */ 2]", 4, .value, "/1"),
        ] as [(String, Int, JSONExpectation, String)])
    func `the first fault is located`(
        body: String, offset: Int, expected: JSONExpectation, pointer: String
    ) {
        let failure = walkFailure(body)
        guard case .malformedJSON(let position, let found, let place) = failure else {
            Issue.record("\(body) is \(String(describing: failure))")
            return
        }
        #expect(position.offset == offset)
        #expect(found == expected)
        #expect(place.text == pointer)
        #expect(failure?.status == 400)
        for size in 1...3 {
            #expect(walkFailure(PiecewiseBody(Array(body.utf8), sizes: [size])) == failure)
        }
    }

    @Test func `lines and columns count from one`() {
        let body = "{\n  \"instances\": [\n    [1, oops]\n  ]\n}"
        guard case .malformedJSON(let position, _, _) = failure(body) else {
            Issue.record("not malformed")
            return
        }
        #expect(position.line == 3)
        #expect(position.column == 9)
        #expect(
            failure(body)?.description == "line 3, column 9 (byte 27): expected a JSON value")
    }

    /// Sequences that table 3-7 of the Unicode Standard excludes, as a string's only content.
    @Test(
        arguments: [
            [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x41], [0xE0, 0x9F, 0xBF],
            [0xE1, 0x80], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF0, 0x8F, 0xBF, 0xBF],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF], [0xF1, 0x80, 0x80],
            [0xF1, 0x80, 0x80, 0x41], [0xE1, 0x80, 0xC0],
        ] as [[UInt8]])
    func `invalid UTF-8 is refused`(bytes: [UInt8]) {
        let body = Array(#"{"model": ""#.utf8) + bytes + Array(#"", "instances": []}"#.utf8)
        #expect(Verdict(failure(body)) == Verdict(400, "invalid_utf8", "/model"))
    }

    /// The first and last scalars of each length, and those around the surrogates.
    @Test(arguments: [
        "\u{80}", "\u{7FF}", "\u{800}", "\u{D7FF}", "\u{E000}", "\u{FFFF}",
        "\u{10000}", "\u{10FFFF}", "\u{7F}",
    ])
    func `every scalar is taken`(text: String) throws {
        let request = try decode(#"{"model": "\#(text)", "instances": [[1,2,3]]}"#)
        #expect(request.model == text)
    }

    @Test func `the first mistake is reported, of whatever kind`() {
        #expect(failure(#"{"instances": [[1e999, }"#)?.code == "not_finite")
        #expect(failure(#"{"instances": [[1, }, 1e999"#)?.code == "malformed_json")
        #expect(failure(#"{"x": 1e999}"#)?.code == "unknown_key")
        #expect(failure(#"{"instances": [[1, 2, 3, 4], ["#)?.code == "wrong_width")
    }

    /// A fault behind pieces that are gone is located all the same.
    @Test func `lines are counted through all pieces`() {
        let rows = (0..<50).map { "[\($0),\n 2, 3]" }.joined(separator: ",\n")
        let body = Array("{\"instances\":\n[\(rows), x]}".utf8)
        let whole = failure(body)
        guard case .malformedJSON(let position, _, _) = whole else {
            Issue.record("not malformed")
            return
        }
        #expect(position.line == 101 && body[position.offset] == UInt8(ascii: "x"))
        for size in [1, 2, 7, 64] {
            #expect(failure(PiecewiseBody(body, sizes: [size])) == whole)
        }
    }

    @Test func `pointers show keys without their escapes`() {
        let body = #"{"\u0061\/~\"\n\ud83d\ude00\t\b\f\r\\": [1e999]}"#
        #expect(failure(body)?.pointer?.text == "/a~1~0\"\n😀\t\u{8}\u{c}\r\\")
    }
}
