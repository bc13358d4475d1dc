import Testing

@testable import HTTPMessages
@testable import InferenceAPI
@testable import Predictions
@testable import Service

/// The clients that work is charged to.
@Suite struct ClientIDTests {
    private static func keys(_ text: String) throws -> APIKeys {
        try APIKeys(parsing: Array(text.utf8), path: "keys")
    }

    @Test func `a key has one name, in every file that has it`() throws {
        let (old, new) = (try Self.keys("one\ntwo\n"), try Self.keys("three\ntwo\n"))
        let two = try #require(old.id(of: "two"))
        #expect(new.id(of: "two") == two)
        #expect(old.id(of: "one") != two && new.id(of: "three") != two)
        #expect(new.id(of: "one") == nil)
    }

    @Test func `names of many keys differ`() throws {
        let names = (0..<APIKeys.maxKeys).map { "key-\($0)" }
        let keys = try Self.keys(names.joined(separator: "\n"))
        #expect(Set(names.compactMap { keys.id(of: Substring($0)) }).count == names.count)
    }

    @Test func `a client is the key, else the connection`() throws {
        let key = try #require(Self.keys("a").id(of: "a"))
        var context = Requests.context()
        let reply = ReplyAddress(
            connection: TestDesk.connection(7), request: RequestID(ordinal: 0), target: Replies())
        #expect(InFlight(context, reply: reply).client == .connection(TestDesk.connection(7)))
        context.key = key
        #expect(InFlight(context, reply: reply).client == .key(key))
    }

    @Test func `a route that a key was shown for has its name, and nothing else changes`() throws {
        let key = try #require(Self.keys("a").id(of: "a"))
        let route = try #require(EndpointTable.find("/v1/models/digits:predict"))
        let shown = route.shown(key)
        #expect(shown.key == key && route.key == nil)
        #expect(shown.endpoint === route.endpoint && shown.model == "digits")
        #expect(route.shown(nil) === route)
    }

    /// Of 4 rows that a client may have waiting, the first connection of a key takes all.
    @Test func `connections that show one key have one queue`() throws {
        var options = ServiceOptions()
        options.maxQueueRows = 4
        let desk = try TestDesk(options, models: ["digits-mhp"])
        let gate = Gate()
        defer { gate.open() }
        let width = try #require(desk.model()).summary.inputCount
        let message = { (rows: Int) in
            try Requests.message("POST /predict", body: TestRows(rows, width: width).json())
        }
        _ = try #require(desk.begin(try message(1), gate.replies, connection: 1000))
        try #require(gate.isReached())
        let keys = try Self.keys("one\ntwo")
        let one = try #require(keys.id(of: "one"))
        let two = try #require(keys.id(of: "two"))
        #expect(desk.begin(try message(4), Replies(), connection: 1, key: one) != nil)
        #expect(desk.begin(try message(1), Replies(), connection: 2, key: one) == nil)
        #expect(desk.rejected(.queueFull) == 1)
        #expect(desk.begin(try message(4), Replies(), connection: 2, key: two) != nil)
        #expect(desk.begin(try message(4), Replies(), connection: 1) != nil)
        #expect(desk.rejected(.queueFull) == 1)
    }
}
