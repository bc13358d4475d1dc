import Testing

@testable import InferenceAPI

/// JSON behind the mark that editors and PowerShell write before UTF-8 (RFC 8259 §8.1).
@Suite struct ByteOrderMarkTests {
    private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

    @Test(arguments: [
        #"{"instances": [[1, 2, 3]]}"#, " \n" + #"{"instances": [[1, 2, 3]], "model": "é"}"#,
        #"{"instances": [[-123456789012345678901234567890, 2, 3]]}"#,
        #"{"instances": [[18446744073709551616, 2, 1e3]], "parameters": {"seed": 7}}"#,
    ])
    func `a mark is no part of the text`(text: String) throws {
        let (plain, marked) = (try decode(text), try decode(Self.mark + Array(text.utf8)))
        #expect(marked.rows == plain.rows && marked.model == plain.model)
        #expect(marked.parameters == plain.parameters)
    }

    @Test(arguments: [
        ("", 0, "a JSON value"), ("[1 2]", 3, "',' or ']'"), ("\n[nan]", 2, "'null'"),
        (#"{"a": 1,}"#, 8, "a key"),
        ("\u{FEFF}{}", 0, "a JSON value"), ("[\u{FEFF}1]", 1, "a JSON value"),
    ])
    func `faults are located in the body as it came`(text: String, offset: Int, expected: String) {
        guard
            case .malformedJSON(let position, let found, _) = walkFailure(
                WholeBody(Self.mark + Array(text.utf8)))
        else {
            Issue.record("\(text) is read")
            return
        }
        #expect(position.offset == offset + 3)
        #expect(found.description == expected)
        let isFirstLine = !text.utf8.prefix(offset).contains(UInt8(ascii: "\n"))
        #expect(position.line == (isFirstLine ? 1 : 2))
        #expect(position.column == (isFirstLine ? offset + 4 : offset))
    }

    @Test func `a part of a mark is no mark`() {
        for count in 1...2 {
            let body = Array(Self.mark[..<count]) + Array(#"{"instances": [[1, 2, 3]]}"#.utf8)
            #expect(failure(body)?.status == 400)
        }
    }

    @Test(arguments: [-1, 0, 1])
    func `the mark counts as bytes of the body`(excess: Int) {
        let body = Self.mark + Array(#"{"instances": [[1, 2, 3]]}"#.utf8)
        let limits = RequestLimits(maxBodyBytes: body.count - excess)
        #expect(
            failure(body, limits: limits)
                == (excess > 0 ? .bodyTooLarge(bytes: body.count, limit: body.count - 1) : nil))
    }
}
