import Testing

@testable import InferenceAPI

@Suite struct JSONPointerTests {
    /// RFC 6901, section 5.
    @Test(arguments: [
        ("foo", "/foo"), ("", "/"), ("a/b", "/a~1b"), ("c%d", "/c%d"), ("e^f", "/e^f"),
        ("g|h", "/g|h"), ("i\\j", "/i\\j"), ("k\"l", "/k\"l"), (" ", "/ "), ("m~n", "/m~0n"),
        ("~1", "/~01"), ("ü/é", "/ü~1é"),
    ])
    func `keys are escaped as the standard says`(key: String, text: String) {
        #expect(JSONPointer().appending(key).text == text)
    }

    @Test func `the empty pointer is the document`() {
        #expect(JSONPointer().text == "")
        #expect(JSONPointer().appending("instances").appending(3).text == "/instances/3")
    }
}
