import Testing

@testable import InferenceAPI

/// Strings of requests, plain ones and those that need a closer look.
@Suite struct StringTests {
    private static func read(_ text: String, maxBytes: Int) throws -> JSONReader.Text {
        var reader = JSONReader(WholeBody(Array(text.utf8)))
        let string = try reader.string(maxBytes: maxBytes)
        if string.isWhole { try reader.end() }
        return string
    }

    @Test(arguments: ["", "a", "digits-mhs", "a longer text of plain characters ~"])
    func `plain strings are read as they are`(text: String) throws {
        let read = try Self.read("\"\(text)\"", maxBytes: 64)
        #expect(read.text == text && read.isWhole)
    }

    /// The same number of bytes, plain or behind an escape, which is one byte too.
    @Test(arguments: [-1, 0, 1], ["aaaaaaa", "\\naaaaaa"])
    func `their length is limited`(excess: Int, text: String) throws {
        let read = try Self.read("\"\(text)\"", maxBytes: 7 - excess)
        let whole = text.replacing("\\n", with: "\n")
        #expect(read.isWhole == (excess <= 0))
        #expect(read.text == whole)
    }

    @Test func `text that is too long is cut`() throws {
        let read = try Self.read("\"aaaaaaaa\"", maxBytes: 3)
        #expect(read.text == "aaaa" && !read.isWhole)
    }

    @Test(arguments: ["\"", "\"abc", "\"a\u{1}\"", "\"a\\x\""])
    func `broken strings are refused`(text: String) {
        #expect(throws: RequestError.self) { try Self.read(text, maxBytes: 64) }
    }
}

@Suite struct JSONKeySetTests {
    @Test func `a key is new once`() {
        var keys = JSONKeySet()
        for index in [0, 7, JSONKeySet.maxCount - 1] {
            #expect(!keys.contains(index))
            let (isNew, isNewAgain) = (keys.insert(index), keys.insert(index))
            #expect(isNew && !isNewAgain && keys.contains(index))
        }
        #expect(!keys.contains(1))
    }

    @Test func `one key more than there are bits ends the process`() async {
        await #expect(processExitsWith: .failure) {
            var keys = JSONKeySet()
            _ = keys.insert(JSONKeySet.maxCount)
        }
    }
}
