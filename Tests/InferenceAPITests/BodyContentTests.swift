import Foundation
import NumPyFormat
import Testing

@testable import InferenceAPI

/// Bodies that are not what their type says, and what a client is told to do.
@Suite struct BodyContentTests {
    private static let json = #"{"instances": [[1, 2, 3]]}"#
    private static let array = ArrayBytes(data: elements([1, 2, 3, 4, 5, 6] as [Float])).bytes
    private static let archive: [UInt8] = Array("PK\u{3}\u{4}".utf8) + [20, 0, 0, 0]
    private static let gzip: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]

    /// The file as `curl -d @file` sends it: without carriage returns, line feeds and zero bytes.
    private static func stripped(_ bytes: [UInt8]) -> [UInt8] {
        bytes.filter { ![0x00, 0x0A, 0x0D].contains($0) }
    }

    private static func arrayFailure(_ body: [UInt8]) -> RequestError? {
        do {
            _ = try decode(array: body)
            return nil
        } catch {
            return error
        }
    }

    /// A body with its content, and the error's text behind "the body is".
    struct Case: Sendable {
        let body: [UInt8]
        let content: BodyContent
        let text: String

        init(_ body: [UInt8], _ content: BodyContent, _ text: String) {
            (self.body, self.content, self.text) = (body, content, text)
        }
    }

    private static let changed = "a NumPy array whose bytes were changed on the way"
    private static let withCurl =
        changed + ": curl -d drops zero bytes and line ends; send the file with --data-binary"
    private static let asText =
        changed + ": send the file's bytes, not a text that was made of them"
    private static let zip = "a ZIP archive, such as an .npz"
    private static let coded =
        "compressed with gzip: send it with Content-Encoding: gzip"

    // MARK: In the place of an array

    private static let asJSON = "JSON: send it with Content-Type: application/json"
    private static let marked = Array("\u{FEFF} \r\n\t[[1, 2, 3]]".utf8)
    private static let replaced = Array(String(decoding: array, as: UTF8.self).utf8)
    private static let latin1: [UInt8] = array.flatMap { byte -> [UInt8] in
        byte < 0x80 ? [byte] : [0xC0 | byte >> 6, 0x80 | byte & 0x3F]
    }

    private static let noArrays: [Case] = [
        Case(Array(json.utf8), .json, asJSON), Case(marked, .json, asJSON),
        Case(archive, .archive, zip + ": send one array as numpy.save writes it"),
        Case(gzip, .gzip, coded), Case(stripped(array), .strippedArray, withCurl),
        Case(replaced, .recodedArray, asText), Case(latin1, .recodedArray, asText),
    ]

    @Test(arguments: noArrays)
    func `what is no array is named`(mistake: Case) {
        let error = Self.arrayFailure(mistake.body)
        #expect(error == .otherContent(mistake.content, expected: .array))
        #expect(error?.description == "the body is \(mistake.text)")
        #expect(Verdict(error) == Verdict(400, "malformed_array", nil))
    }

    /// Versions, types and values that leave other bytes behind when the three are dropped.
    @Test(arguments: [1, 2, 3] as [UInt8], ["'<f4'", "'>f8'", "'<f2'"])
    func `every array that curl -d has read is known`(major: UInt8, type: String) {
        for data in [elements([1, 2, 3] as [Float]), [], [UInt8](repeating: 0xFF, count: 24)] {
            for length in [59, 64, 118, 128, 256, 257, 2570, 3338] {
                var array = ArrayBytes(version: (major, 0), descriptor: type, data: data)
                let text = "{'descr': \(type), 'fortran_order': False, 'shape': (1, 3), }"
                array.header =
                    text + String(repeating: " ", count: max(0, length - text.utf8.count))
                #expect(
                    Self.arrayFailure(Self.stripped(array.bytes))
                        == .otherContent(.strippedArray, expected: .array))
            }
        }
    }

    /// As versions of curl send it that take a line to end at its first zero byte.
    @Test func `an array of which curl has left the first bytes is known`() {
        let body = Array(Self.array[..<7])
        #expect(Self.arrayFailure(body) == .otherContent(.strippedArray, expected: .array))
        #expect(failure(body) == .otherContent(.strippedArray, expected: .json))
    }

    /// A zero byte, or the end before the version: nothing was dropped.
    @Test(arguments: [6, 8, 9, 10, 11, 40])
    func `an array that is cut short was not changed`(count: Int) {
        guard case .malformedArray = Self.arrayFailure(Array(Self.array[..<count])) else {
            Issue.record("\(count)")
            return
        }
    }

    @Test func `other bytes are no array, without a guess`() {
        let bodies: [[UInt8]] = [
            [], [0x93], Array("hello".utf8), Array("PK".utf8), [0x1f], [0x93, 0x4E],
        ]
        for body in bodies {
            #expect(Self.arrayFailure(body) == .malformedArray(.notNumPy))
        }
    }

    // MARK: In the place of JSON

    private static let contentType = "Content-Type: application/x-npy"
    private static let noJSON: [Case] = [
        Case(array, .array, "a NumPy array: send it with \(contentType)"),
        Case(stripped(array), .strippedArray, "\(withCurl) and \(contentType)"),
        Case(latin1, .recodedArray, asText), Case(archive, .archive, zip + ": send JSON"),
        Case(gzip, .gzip, coded),
    ]

    @Test(arguments: noJSON)
    func `what is no JSON is named`(mistake: Case) {
        let error = failure(mistake.body)
        #expect(error == .otherContent(mistake.content, expected: .json))
        #expect(error?.description == "the body is \(mistake.text)")
        #expect(Verdict(error) == Verdict(400, "malformed_json", nil))
    }

    // MARK: Encodings

    private static let encodings: [(TextEncoding, String.Encoding, mark: [UInt8])] = [
        (.utf16BigEndian, .utf16BigEndian, [0xFE, 0xFF]),
        (.utf16LittleEndian, .utf16LittleEndian, [0xFF, 0xFE]),
        (.utf32BigEndian, .utf32BigEndian, [0x00, 0x00, 0xFE, 0xFF]),
        (.utf32LittleEndian, .utf32LittleEndian, [0xFF, 0xFE, 0x00, 0x00]),
    ]

    @Test(arguments: encodings.indices, [json, "[]", "{\"é\": 1}", "\n{\"\u{1F600}\": []}", "1"])
    func `other encodings are named, with a mark and without`(index: Int, text: String) throws {
        let (encoding, foundation, mark) = Self.encodings[index]
        let bytes = [UInt8](try #require(text.data(using: foundation)))
        for body in [bytes, mark + bytes] {
            let error = failure(body)
            #expect(error == .otherContent(.text(encoding), expected: .json))
            #expect(
                error?.description
                    == "the body is text in \(encoding.rawValue): encode it as UTF-8 (RFC 8259, "
                    + "section 8.1)")
            #expect(Verdict(error) == Verdict(400, "invalid_utf8", nil))
        }
    }

    @Test func `all encodings are tried`() {
        #expect(Self.encodings.map(\.0).count == TextEncoding.allCases.count)
    }

    @Test(
        arguments: [
            [], [0], [0, 0], [0, 0, 0], [0, 0, 0, 0], [0x7B, 0, 0x22, 0x61], [0x7B, 0x22, 0, 0],
            [0, 0, 0xFF, 0xFE], [0xFE], [0xFF], [0xEF, 0xBB, 0xBF, 0], [0x7B, 0x7D, 0, 0x20],
        ] as [[UInt8]])
    func `zero bytes in other places are no encoding`(body: [UInt8]) {
        #expect(TextEncoding(of: body.span) == nil)
        guard case .malformedJSON = failure(body) else {
            Issue.record("\(body)")
            return
        }
    }
}
