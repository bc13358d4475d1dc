import Checkpoints
import Testing

/// Names with one beginning, against a look at the bytes of each.
@Suite struct NameIndexTests {
    /// Neighbours in the order of bytes, and characters that combine with those before them.
    static let names = [
        "b.x", "a.c", "a", "a-b", "a.", "a.b.c", "a.b", "a/b", "ab", "a.\u{301}x", "a.e\u{301}",
        "aé", "e\u{301}.a", "z.\u{10ffff}", "é.b", "a.b.d", "B",
    ]

    static func checkpoint() throws -> Checkpoint {
        let entries = names.enumerated().map { place, name in
            safetensorsEntry(name, "U8", "[1]", "[\(place),\(place + 1)]")
        }
        return try Checkpoint.read(
            safetensorsBytes(
                "{\(entries.joined(separator: ","))}",
                data: [UInt8](repeating: 0, count: names.count)),
            name: "t")
    }

    @Test(arguments: names.flatMap { [$0, $0 + ".", $0 + "/"] } + ["", "c", "\u{10ffff}"])
    func `those with a beginning are in the order of the file`(_ start: String) throws {
        let checkpoint = try Self.checkpoint()
        let expected = checkpoint.allNames.filter {
            Array($0.utf8).starts(with: Array(start.utf8))
        }
        // Equal texts may have different bytes.
        #expect(
            checkpoint.names(beginningWith: start).map { Array($0.utf8) }
                == expected.map { Array($0.utf8) })
        #expect(checkpoint.hasName(beginningWith: start) == !expected.isEmpty)
    }
}
