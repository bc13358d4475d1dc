import Checkpoints
import Fixtures
import Foundation
import Testing

@testable import Heads

/// Texts of labels.
@Suite struct LabelTextTests {
    static func labels(_ bytes: [UInt8]) throws -> [String] {
        try LabelText.labels(of: bytes, path: "l.txt")
    }

    static func refusal(_ bytes: [UInt8]) -> String? {
        do throws(ModelError) {
            _ = try LabelText.labels(of: bytes, path: "l.txt")
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: [
        "a\nb\nc", "a\nb\nc\n", "a\r\nb\r\nc", "a\r\nb\r\nc\r\n", "a\nb\r\nc", "a\nb\nc\n\n\n",
        "a\nb\nc\n \r\n\t\n", "\u{FEFF}a\nb\nc\n", "\u{FEFF}a\r\nb\r\nc\r\n",
    ])
    func `marks and ends of lines are no part of a label`(_ text: String) throws {
        #expect(try Self.labels([UInt8](text.utf8)) == ["a", "b", "c"])
    }

    @Test func `a label keeps its spaces and letters`() throws {
        let labels = ["great white shark, Carcharodon", " x ", "日本", "é", "e\u{301}", "\u{A0}"]
        #expect(try Self.labels([UInt8](labels.joined(separator: "\n").utf8)) == labels)
        #expect(try Self.labels([]).isEmpty)
    }

    @Test(
        arguments: [
            ([0x61, 0x0A, 0xE9, 0x0A], "l.txt, line 2: not UTF-8; save the file as UTF-8"),
            ([0x61, 0x0A, 0x62, 0x0A, 0xC3], "l.txt, line 3: not UTF-8; save the file as UTF-8"),
            ([0xED, 0xA0, 0x80], "l.txt, line 1: not UTF-8; save the file as UTF-8"),
            (
                [0xFF, 0xFE, 0x61, 0, 0x0A, 0],
                "l.txt, line 1: this is UTF-16 text; save it as UTF-8"
            ),
            ([0x61, 0, 0x0A, 0], "l.txt, line 1: this is UTF-16 text; save it as UTF-8"),
            (
                [0x61, 0x0A, 0x09, 0x62],
                "l.txt, line 2: control character U+0009 in a label; remove it"
            ),
            (
                [0x61, 0x0D, 0x62, 0x0A],
                "l.txt, line 1: control character U+000D in a label; remove it"
            ),
            (
                [0x61, 0x0D, 0x0D, 0x0A],
                "l.txt, line 1: control character U+000D in a label; remove it"
            ),
            ([0x61, 0x1B, 0x5B], "l.txt, line 1: control character U+001B in a label; remove it"),
            (
                [0x61, 0x62, 0x63, 0],
                "l.txt, line 1: control character U+0000 in a label; remove it"
            ),
            ([0x61, 0x7F], "l.txt, line 1: control character U+007F in a label; remove it"),
            (
                [0x61, 0x0A, 0xC2, 0x9F],
                "l.txt, line 2: control character U+009F in a label; remove it"
            ),
            (
                [0x61, 0x0A, 0xEF, 0xBB, 0xBF, 0x62],
                "l.txt, line 2: a byte order mark in a label; remove it"
            ),
            (
                [0x61, 0x0A, 0x0D, 0x0A, 0x62],
                "l.txt, line 2: a blank line before other labels; every line is a label"
            ),
            (
                [0x0A, 0x61],
                "l.txt, line 1: a blank line before other labels; every line is a label"
            ),
        ] as [([UInt8], String)])
    func `what is no label is refused with its line`(_ bytes: [UInt8], _ expected: String) {
        #expect(Self.refusal(bytes) == expected)
    }

    @Test(arguments: [
        #"["red", "green"]"#, "[\n  \"red\",\n  \"green\"\n]\n", #"{"0": "red", "1": "green"}"#,
        "\u{FEFF}[1, 2]", #"["red"]"#,
    ])
    func `JSON is told from labels`(_ text: String) {
        #expect(
            Self.refusal([UInt8](text.utf8))
                == "l.txt, line 1: this is JSON; write the labels as they are, one a line")
    }

    @Test(arguments: [
        ["[PAD]", "[UNK]"], ["{", "}"], ["[1]"], ["[", "]", "{"], ["{}"], ["\"a\""],
    ])
    func `labels in brackets are labels`(_ labels: [String]) throws {
        #expect(try Self.labels([UInt8](labels.joined(separator: "\n").utf8)) == labels)
    }

    @Test func `line ends of carriage returns are told`() {
        #expect(
            Self.refusal([UInt8]("a\rb\rc\r".utf8))
                == "l.txt, line 1: its lines end in carriage returns alone; save it with LF line "
                + "ends")
        #expect(Self.refusal([UInt8]("a\r".utf8)) == nil)
    }

    @Test func `one label is asked of a head of one`() {
        let error = ModelError.labelCount(path: "l.txt", found: 2, expected: 1)
        #expect(
            "\(error)" == "l.txt has 2 labels, the head has one, the second of two classes or a "
                + "single one: write only its label")
        #expect(
            "\(ModelError.labelCount(path: "l.txt", found: 1, expected: 3))"
                == "l.txt has 1 label, the head has 3 classes")
    }

    /// Labels in a file's own metadata go the same way.
    @Test func `labels in a checkpoint are checked`() throws {
        let target = FileManager.default.temporaryDirectory.appending(
            path: "headserve-\(UUID().uuidString).safetensors"
        ).path
        defer { try? FileManager.default.removeItem(atPath: target) }
        for (labels, reason) in [
            ("a\nb\n\n", nil), ("a\n\u{1B}", "headserve.labels, line 2: control character U+001B"),
            ("a\nb\nc", "has 3 labels, the head has 2 classes"),
        ] {
            var writer = try SafetensorsWriter(
                path: target,
                tensors: [TensorDescription(name: "weight", elementType: .float32, shape: [2, 2])],
                metadata: [
                    EmbeddedModel.manifestName: #"{"head": "dense", "link": "softmax"}"#,
                    EmbeddedModel.labelsName: labels,
                ])
            try writer.append([UInt8](repeating: 0, count: 16).span, to: "weight")
            try writer.finish()
            do {
                #expect(try Model.load(path: target).labels == ["a", "b"] && reason == nil)
            } catch {
                #expect(reason.map { "\(error)".contains($0) } == true, "\(error)")
            }
        }
    }
}
