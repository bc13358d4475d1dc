import Checkpoints
import Testing

/// The JSON of an index of shards.
@Suite struct ShardIndexTests {
    private func read(
        _ text: String, limits: ReadLimits = .standard
    ) throws(CheckpointError) -> ShardIndex? {
        try ShardIndex(Array(text.utf8), path: "i", limits: limits)
    }

    private func expect(
        _ defect: JSONDefect, part: String = "shard index", _ text: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let error = CheckpointError.json(path: "i", part: part, defect: defect)
        #expect(throws: error, sourceLocation: sourceLocation) { try read(text) }
    }

    @Test func `files and the place of each tensor are read`() throws {
        let index = try read(
            #"""
            {
              "metadata": {"total_size": 1.5e3, "total_parameters": 12, "format": "pt"},
              "weight_map": {"b.w": "m-2", "a\u002ew": "m-10", "a.b": "m-2"}
            }
            """#)
        #expect(index?.files == ["m-10", "m-2"])
        #expect(index?.fileOfTensor == ["b.w": "m-2", "a.w": "m-10", "a.b": "m-2"])
    }

    @Test(arguments: [
        "0", "-0", "12", "-1.50", "0.0", "1e5", "1E+05", "2e-3", "true", "false", "null",
        #""a\n""#, "[]", "{}", "[[],{},[1]]", #"{"a":{"b":[{"c":[]}]},"d":1}"#, "[ 1 , 2 ]",
    ])
    func `other keys may have any value`(value: String) throws {
        for order in [
            #""x":\#(value),"weight_map":{"t":"f"}"#, #""weight_map":{"t":"f"},"x":\#(value)"#,
        ] {
            #expect(try read("{\(order)}")?.files == ["f"])
        }
    }

    @Test(arguments: [
        ("01", 6), ("+1", 5), ("1.", 7), (".5", 5), ("1e", 7), ("-", 6), ("tru", 5), ("nul", 5),
        ("[1,]", 8), ("[1 2]", 8), ("[", 6), ("{1}", 6), (#"{"a"}"#, 9), (#"{"a":}"#, 10),
        (#"{"a":1,}"#, 12), ("[}", 6), ("{]", 6), (#"[{"a":1]"#, 12), ("", 5), ("NaN", 5),
    ])
    func `values that are none are refused`(value: String, offset: Int) {
        expect(.malformed(offset: offset), #"{"x":\#(value)}"#)
    }

    @Test func `keys are unique at every depth`() {
        let map = #""weight_map":{"t":"f"}"#
        expect(.repeatedKey("weight_map", first: 1, second: 24), "{\(map),\(map)}")
        expect(
            .repeatedKey("t", first: 15, second: 23), part: "weight_map",
            #"{"weight_map":{"t":"f","t":"f"}}"#)
        expect(.repeatedKey("x", first: 1, second: 7), #"{"x":1,"x":2}"#)
        expect(.repeatedKey("a", first: 7, second: 13), #"{"x":[{"a":1,"a":1}]}"#)
        expect(.repeatedKey("a", first: 6, second: 20), #"{"x":{"a":{"a":[1]},"a":1}}"#)
    }

    @Test func `JSON of another kind is no index`() throws {
        for text in ["{}", #"{"model_type":"bert"}"#, #"{"metadata":{"weight_map":{"t":"f"}}}"#] {
            #expect(try read(text) == nil)
        }
        expect(.malformed(offset: 0), "[]")
        expect(.trailingBytes(offset: 24), #"{"weight_map":{"t":"f"}}x"#)
        let error = CheckpointError.json(
            path: "i", part: "shard index", defect: .notUTF8(offset: 2))
        #expect(throws: error) { try ShardIndex(Array("{\"".utf8) + [0xff], path: "i") }
    }

    @Test func `the map has names of files beside the index`() {
        for (name, isPlain) in [
            ("m.bin", true), ("..m", true), ("m..bin", true), (".m", true), ("a b", true),
            ("é", true),
            ("", false), (".", false), ("..", false), ("a/m.bin", false), ("/m.bin", false),
            ("../m.bin", false), ("m\\u0000", false), ("m\\/", false),
        ] {
            let result = try? read(#"{"weight_map":{"t":"\#(name)"}}"#)
            #expect((result != nil) == isPlain, "\(name)")
        }
        let error = CheckpointError.shards(
            path: "i", defect: .notPlainName(file: "../m", tensor: "t"))
        #expect(throws: error) { try read(#"{"weight_map":{"t":"../m"}}"#) }
        #expect(throws: CheckpointError.shards(path: "i", defect: .emptyIndex)) {
            try read(#"{"weight_map":{}}"#)
        }
        for value in ["[]", "null", #""f""#, #"{"t":1}"#, #"{"t":null}"#, #"{"t":["f"]}"#] {
            #expect(throws: CheckpointError.self) { try read("{\"weight_map\":\(value)}") }
        }
    }

    private func expectLimit(
        _ limit: ReadLimit, _ path: WritableKeyPath<ReadLimits, Int>, needs needed: Int,
        _ text: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        var limits = ReadLimits.standard
        for maximum in [needed, needed + 1] {
            limits[keyPath: path] = maximum
            #expect(try read(text, limits: limits) != nil, sourceLocation: sourceLocation)
        }
        limits[keyPath: path] = needed - 1
        #expect(sourceLocation: sourceLocation) {
            try read(text, limits: limits)
        } throws: { error in
            guard case .limitExceeded("i", _, limit, needed, needed - 1) = error as? CheckpointError
            else { return false }
            return true
        }
    }

    @Test func `each limit holds`() throws {
        let map = #""weight_map":{"t":"f","u":"g","v":"g"}"#
        try expectLimit(.shardIndexByteCount, \.shardIndexByteCount, needs: 40, "{\(map)}")
        try expectLimit(.shardCount, \.shardCount, needs: 2, "{\(map)}")
        try expectLimit(.tensorCount, \.tensorCount, needs: 3, "{\(map)}")
        try expectLimit(.nameByteCount, \.nameByteCount, needs: 10, "{\(map)}")
        try expectLimit(
            .nestingDepth, \.nestingDepth, needs: 3, #"{"x":[{"a":[]},{"a":[1]}],\#(map)}"#)
        #expect(ReadLimits.standard.shardIndexByteCount == 1 << 24)
        #expect(ReadLimits.standard.shardCount == 256)
    }
}
