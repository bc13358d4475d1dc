import HTTPMessages
import HTTPTypes
import Testing

@testable import Service

@Suite struct APIKeysTests {
    private func keys(_ text: String) throws(APIKeysError) -> APIKeys {
        try APIKeys(parsing: Array(text.utf8), path: "keys")
    }

    @Test func `one key a line, without comments and blanks`() throws {
        let keys = try keys("# first\n\n one \t\r\ntwo\n   # third\nthr#ee")
        for key in ["one", "two", "thr#ee"] { #expect(keys.id(of: Substring(key)) != nil) }
        for key in ["", "# first", "first", " one", "on", "onee", "One", "three", "one\ntwo"] {
            #expect(keys.id(of: Substring(key)) == nil)
        }
    }

    @Test(arguments: -1...1) func `a key may be as long as the limit`(excess: Int) throws {
        let key = String(repeating: "k", count: APIKeys.maxKeyBytes + excess)
        if excess > 0 {
            #expect(throws: APIKeysError.line(path: "keys", number: 2)) { try keys("a\n" + key) }
            #expect(try keys("a").id(of: Substring(key)) == nil)
        } else {
            #expect(try keys(key).id(of: Substring(key)) != nil)
        }
    }

    @Test(arguments: -1...1) func `there may be as many as the limit`(excess: Int) throws {
        let text = (0..<APIKeys.maxKeys + excess).map { "key-\($0)\n" }.joined()
        if excess > 0 {
            #expect(throws: APIKeysError.tooMany(path: "keys")) { try keys(text) }
        } else {
            let keys = try keys(text)
            for index in 0..<APIKeys.maxKeys + excess {
                #expect(keys.id(of: "key-\(index)") != nil)
            }
            #expect(keys.id(of: "key-\(APIKeys.maxKeys + excess)") == nil)
        }
    }

    @Test(arguments: ["", "\n\n", "# none", " \t\r\n#\n"])
    func `a file without a key is refused`(text: String) {
        #expect(throws: APIKeysError.none(path: "keys")) { try keys(text) }
    }

    @Test(arguments: ["a b", "caf\u{E9}", "a\u{0}b", "a\u{7F}"])
    func `what no header can carry is refused by its line and not quoted`(key: String) {
        let error = APIKeysError.line(path: "keys", number: 1)
        #expect(throws: error) { try keys(key) }
        #expect(!error.description.contains(key))
    }

    @Test(arguments: [
        ("Bearer key", "key"), ("bearer key", "key"), ("BEARER  key", "key"),
        ("Bearer key more", "key more"), ("Bearer", nil), ("Bearerkey", nil), ("Basic key", nil),
        ("key", nil), ("", nil),
    ])
    func `a request shows its key as a bearer`(value: String, key: String?) throws {
        var headers = HTTPHeaders()
        try headers.append(.authorization, value)
        #expect(BearerKey.of(headers).map(String.init) == key)
        try headers.append(.authorization, value)
        #expect(BearerKey.of(headers) == nil)
    }
}
