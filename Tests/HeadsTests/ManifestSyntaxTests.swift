import Testing

@testable import Heads

/// Texts that are no JSON, or name a key twice, and where the error says they go wrong.
@Suite struct ManifestSyntaxTests {
    /// The problem of a text, without the file's name.
    static func problem(_ bytes: [UInt8]) -> String? {
        do throws(ModelError) {
            _ = try ModelManifest.parse(bytes, path: "m")
            return nil
        } catch {
            return String("\(error)".dropFirst("m: ".count))
        }
    }

    static func problem(_ text: String) -> String? { problem([UInt8](text.utf8)) }

    @Test(arguments: [
        ("", "line 1, column 1: expected a JSON value, found the end of the text"),
        (
            "{\n  \"head\": \"mhp\"\n",
            "line 3, column 1: expected ',' or '}', found the end of the text"
        ),
        (
            "{\"head\": \"mhp\",\n\n \"beam\": 3 // wide\n}",
            "line 3, column 12: expected ',' or '}', found '// wide'; JSON has no comments"
        ),
        (
            "{\n# how\n}",
            "line 2, column 1: expected a key in quotes or '}', found '# how'; JSON has no comments"
        ),
        (
            "{'head': 1}",
            "line 1, column 2: expected a key in quotes or '}', "
                + "found ''head': 1}'; JSON's quotes are double"
        ),
        ("{\"beam\": 1,}", "line 1, column 12: expected a key in quotes, found '}'"),
        ("{\"heads\": [1, 2,\r\n]}", "line 2, column 1: expected a JSON value, found ']}'"),
        ("{\"beam\" 1}", "line 1, column 9: expected ':', found '1}'"),
        ("{\"beam\": True}", "line 1, column 10: expected a JSON value, found 'True}'"),
        ("{\"beam\": 01}", "line 1, column 11: expected ',' or '}', found '1}'"),
        ("{\"scale\": 1.}", "line 1, column 13: expected a digit, found '}'"),
        ("{\"scale\": -}", "line 1, column 12: expected a digit, found '}'"),
        ("{\"scale\": 2e+\n}", "line 1, column 14: expected a digit, found the end of the line"),
        ("{\"é\": \"日本\" 5}", "line 1, column 12: expected ',' or '}', found '5}'"),
        (
            "{\"prefix\": \"a\n\"}",
            "line 1, column 14: a control character in the string that begins in line 1; "
                + "escape it, or close the string before it"
        ),
        (
            "{\n\"prefix\": \"a}",
            "line 2, column 14: expected the closing quote of the string that begins in line 2, "
                + "found the end of the text"
        ),
        (
            "{\"prefix\": \"\\x\"}",
            "line 1, column 13: expected one of \"\\/bfnrtu behind the backslash, found '\\x\"}'"
        ),
        (
            "{\"prefix\": \"\\u00g0\"}",
            "line 1, column 17: expected four hexadecimal digits, found 'g0\"}'"
        ),
        (
            "{\"prefix\": \"\\ud800\"}",
            "line 1, column 13: expected a high surrogate with its low one, found '\\ud800\"}'"
        ),
        (
            "{\"prefix\": \"\\ud800\\u0041\"}",
            "line 1, column 13: expected a high surrogate with its low one, "
                + "found '\\ud800\\u0041\"}'"
        ),
        ("{} {}", "line 1, column 4: expected the end of the text, found '{}'"),
        ("[]", "expected a JSON object, found []"), ("3", "expected a JSON object, found 3.0"),
    ])
    func `a syntax error carries line and column`(_ text: String, _ expected: String) {
        #expect(Self.problem(text) == expected)
    }

    @Test func `escapes are undone`() throws {
        let text = #"{"prefix": "\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00x"}"#
        let manifest = try ModelManifest.parse([UInt8](text.utf8), path: "m")
        #expect(manifest.prefix == "\"\\/\u{8}\u{c}\n\r\té😀x")
    }

    @Test func `numbers are those of the standard library`() throws {
        for number in ["0.1", "1e-30", "1E+3", "4.9e-4", "123456789.125", "3.4e38", "1e-37"] {
            let text = "{\"scale\": \(number)}"
            let manifest = try ModelManifest.parse([UInt8](text.utf8), path: "m")
            #expect(manifest.scale == Double(number))
        }
    }

    @Test(arguments: [7, 8, 9]) func `nesting is bounded`(depth: Int) {
        let text =
            "{\"a\": " + String(repeating: "[", count: depth - 1)
            + String(repeating: "]", count: depth - 1) + "}"
        let isTooDeep = Self.problem(text)?.contains("at most 8 lists and objects") == true
        #expect(isTooDeep == (depth > 8))
    }

    // MARK: Encodings

    @Test func `a byte order mark is skipped`() throws {
        let text = [0xEF, 0xBB, 0xBF] + [UInt8](#"{"version": "2"}"#.utf8)
        #expect(try ModelManifest.parse(text, path: "m").version == "2")
        #expect(
            Self.problem([0xEF, 0xBB, 0xBF] + [UInt8]("{]".utf8))
                == "line 1, column 2: expected a key in quotes or '}', found ']'")
    }

    @Test(
        arguments: [
            ([0xFF, 0xFE, 0x7B, 0, 0x7D, 0], "UTF-16"), ([0xFE, 0xFF, 0, 0x7B, 0, 0x7D], "UTF-16"),
            ([0x7B, 0, 0x7D, 0], "UTF-16"), ([0, 0x7B, 0, 0x7D], "UTF-16"),
            ([0xFF, 0xFE, 0, 0, 0x7B, 0, 0, 0], "UTF-32"),
            ([0, 0, 0, 0x7B, 0, 0, 0, 0x7D], "UTF-32"),
            ([0x7B, 0, 0, 0, 0x7D, 0, 0, 0], "UTF-32"),
        ] as [([UInt8], String)])
    func `other encodings are named`(_ bytes: [UInt8], _ name: String) {
        #expect(Self.problem(bytes) == "this is \(name) text; save it as UTF-8")
    }

    @Test func `bytes that are not UTF-8 have a place`() {
        let bytes = [UInt8]("{\n\"version\": \"".utf8) + [0xE9] + [UInt8]("\"}".utf8)
        #expect(Self.problem(bytes) == "line 2, column 13: not UTF-8; save the file as UTF-8")
    }

    // MARK: Keys that stand twice

    @Test(arguments: [
        (
            #"{"link": "sigmoid", "link": "softmax"}"#,
            "'link' stands twice, in line 1; remove one of them"
        ),
        (
            "{\"beam\": 1,\n\"head\": \"mhc\",\n \"beam\": 1}",
            "'beam' stands twice, in lines 1 and 3; remove one of them"
        ),
        (
            #"{"beam": 1, "be\u0061m": 2}"#,
            "'beam' stands twice, in line 1; remove one of them"
        ),
        (
            "{\"tensors\": {\"weight\": \"a\",\n\"bias\": \"b\",\n\"weight\": \"a\"}}",
            "'tensors.weight' stands twice, in lines 1 and 3; remove one of them"
        ),
        (
            #"{"x": [{"y": {"z": 1, "z": null}}]}"#,
            "'x.y.z' stands twice, in line 1; remove one of them"
        ),
    ])
    func `a key that stands twice is refused`(_ text: String, _ expected: String) {
        #expect(Self.problem(text) == expected)
    }

    @Test func `one key in two objects is no repetition`() {
        #expect(Self.problem(#"{"x": [{"y": 1}, {"y": 1}]}"#)?.hasPrefix("unknown key 'x'") == true)
    }

    /// As many keys as a file may have: a search of all earlier keys, or of all earlier lines, for
    /// each would take 10¹⁰ steps.
    @Test(.timeLimit(.minutes(1))) func `many keys take one reading`() {
        let keys = (0..<70_000).map { "\"k\($0)\": 0" }.joined(separator: ",\n")
        #expect(Self.problem("{\(keys)}")?.hasPrefix("unknown key 'k0'") == true)
        let expected = "'k7' stands twice, in lines 8 and 70001; remove one of them"
        #expect(Self.problem("{\(keys),\n\"k7\": 1}") == expected)
    }
}
