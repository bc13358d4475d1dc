import Testing

@testable import headserve

@Suite struct PrintableTextTests {
    @Test(arguments: ["", "layer.0/kernel:0", "größe 日本 é", "a'b\"c\\d", "👩‍👩‍👧"])
    func `a text without control characters stays`(_ text: String) {
        #expect(text.printable == text)
    }

    @Test(arguments: [
        ("a\nb", #"a\nb"#), ("a\r\nb", #"a\r\nb"#), ("\t", #"\t"#), ("\u{0}", #"\0"#),
        ("\u{1B}[2J", #"\u{1B}[2J"#), ("\u{7F}", #"\u{7F}"#), ("\u{9B}K", #"\u{009B}K"#),
        ("ü\u{2028}x\u{2029}", #"ü\u{2028}x\u{2029}"#),
    ])
    func `a character that a terminal obeys is written out`(_ text: String, _ shown: String) {
        #expect(text.printable == shown)
    }
}
