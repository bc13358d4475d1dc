import Checkpoints
import Testing

/// Names made from unpickled objects.
@Suite struct StateDictTests {
    typealias P = PickleWriter

    private func read(_ body: [UInt8]) throws -> Checkpoint {
        try Checkpoint.read(TorchWriter(body).bytes, name: "t")
    }

    private func names(_ body: [UInt8]) throws -> [String] { try read(body).tensors.map(\.name) }

    private let weights = [("b", P.vector()), ("a.c", P.vector())]

    @Test func `a bare state dict keeps names and order`() throws {
        #expect(try names(P.dictionary(weights)) == ["b", "a.c"])
        #expect(try names(P.orderedDictionary(weights)) == ["b", "a.c"])
    }

    @Test(arguments: ["state_dict", "model_state_dict", "model", "net", "params"])
    func `a wrapped state dict is found`(key: String) throws {
        let body = P.dictionary([
            ("epoch", P.int(3)), (key, P.orderedDictionary(weights)),
            ("ema", P.dictionary([("b", P.vector())])),
        ])
        let checkpoint = try read(body)
        #expect(checkpoint.tensors.map(\.name) == ["b", "a.c"])
        #expect(checkpoint.attributes == ["epoch": .int(3)])
    }

    /// `best_acc1` of the ImageNet script is a tensor without dimensions.
    @Test func `scalars beside a wrapped state dict are no state dict`() throws {
        let scalar = P.tensor(P.storage("0", count: 4), sizes: [], strides: [])
        let state = ("state_dict", P.dictionary(weights))
        #expect(try names(P.dictionary([state, ("best_acc1", scalar)])) == ["b", "a.c"])
        let body = P.dictionary([state, ("w", P.vector())])
        #expect(try names(body) == ["state_dict.b", "state_dict.a.c", "w"])
    }

    @Test func `several wrappers flatten by dots`() throws {
        let body = P.dictionary([
            ("model", P.dictionary([("w", P.vector())])),
            ("net", P.dictionary([("w", P.vector()), ("n", P.dictionary([("b", P.vector())]))])),
        ])
        #expect(try names(body) == ["model.w", "net.w", "net.n.b"])
    }

    /// A wrapper's key over something without tensors is no wrapper.
    @Test func `empty wrappers do not count`() throws {
        let body = P.dictionary([
            ("params", P.dictionary([("width", P.int(3))])),
            ("model", P.dictionary([("w", P.vector())])),
        ])
        let checkpoint = try read(body)
        #expect(checkpoint.tensors.map(\.name) == ["w"])
        #expect(checkpoint.attributes == ["params.width": .int(3)])
    }

    @Test(arguments: ["optimizer", "optim", "scaler", "scheduler", "ema_optimizer"])
    func `training state is left out`(key: String) throws {
        let body = P.dictionary([
            (key, P.dictionary([("w", P.vector()), ("lr", P.double(0.1))])),
            ("head", P.dictionary([("w", P.vector())])),
        ])
        let checkpoint = try read(body)
        #expect(checkpoint.tensors.map(\.name) == ["head.w"])
        #expect(checkpoint.attributes.isEmpty)
    }

    @Test func `the parallel prefix is stripped only from all`() throws {
        let all = [("module.a", P.vector()), ("module.b.module.c", P.vector())]
        #expect(try names(P.dictionary(all)) == ["a", "b.module.c"])
        let some = all + [("c", P.vector())]
        #expect(try names(P.dictionary(some)) == ["module.a", "module.b.module.c", "c"])
    }

    @Test func `equal names are refused`() throws {
        let body = P.dictionary([
            ("a", P.dictionary([("b", P.vector())])), ("a.b", P.vector()),
        ])
        let error = CheckpointError.tensor(path: "t", name: "a.b", defect: .duplicateName)
        #expect(throws: error) { try read(body) }
    }

    /// As in Python: the key stays where it was first, with the value it got last.
    @Test func `a repeated key counts last`() throws {
        let short = P.tensor(P.storage("0", count: 4), sizes: [1], strides: [1])
        let body = P.dictionary([("a", P.vector()), ("b", P.vector()), ("a", short)])
        let checkpoint = try read(body)
        #expect(checkpoint.tensors.map(\.name) == ["a", "b"])
        #expect(checkpoint["a"]?.shape == [1])
    }

    @Test func `keys that are no text are numbers or nothing`() throws {
        let body =
            P.emptyDictionary + P.mark + P.int(7) + P.vector() + P.none + P.vector()
            + P.tuple([P.int(1)]) + P.vector() + [0x75]
        #expect(try names(body) == ["7"])
    }

    @Test func `attributes are scalars and lists of integers`() throws {
        let body = P.dictionary([
            ("w", P.vector()), ("int", P.long(1 << 40)), ("double", P.double(-0.5)),
            ("text", P.text("é")), ("bool", P.bool(false)), ("none", P.none),
            ("list", P.list([P.int(1), P.int(-2)])), ("tuple", P.tuple([P.int(3)])),
            ("mixed", P.list([P.int(1), P.text("x")])),
            ("size", P.call(P.global("torch", "Size"), [P.tuple([P.int(2), P.int(5)])])),
            ("huge", [0x8a, 9, 0, 0, 0, 0, 0, 0, 0, 0, 1]), ("type", P.global("torch", "float32")),
            ("bytes", [0x43, 2, 1, 2]), ("negative", [0x8a, 1, 0xff]), ("zero", [0x8a, 0]),
        ])
        let checkpoint = try read(body)
        #expect(
            checkpoint.attributes == [
                "int": .int(1 << 40), "double": .double(-0.5), "text": .string("é"),
                "bool": .bool(false), "list": .ints([1, -2]), "tuple": .ints([3]),
                "mixed.0": .int(1), "mixed.1": .string("x"), "size": .ints([2, 5]),
                "negative": .int(-1), "zero": .int(0),
            ])
    }

    /// As Python 2 wrote them.
    @Test func `an ordered dictionary may be given its pairs at once`() throws {
        let type = P.global("collections", "OrderedDict")
        let pairs = P.list(weights.map { P.list([P.text($0.0), $0.1]) })
        #expect(try names(P.call(type, [pairs])) == ["b", "a.c"])
        #expect(try names(P.call(type, [P.dictionary(weights)])) == ["b", "a.c"])
        let later = P.call(type, [pairs]) + P.setItems([("d", P.vector()), ("b", P.vector())])
        #expect(try names(later) == ["b", "a.c", "d"])
        #expect(try names(P.dictionary([("net", P.call(type, [pairs]))])) == ["b", "a.c"])
        let odd = P.list([P.list([P.text("x")]), P.int(1), P.tuple([P.text("y"), P.vector()])])
        #expect(try names(P.call(type, [odd])) == ["y"])
    }

    @Test func `nothing but attributes is no error`() throws {
        let checkpoint = try read(P.dictionary([("epoch", P.int(1))]))
        #expect(checkpoint.tensors.isEmpty)
        #expect(checkpoint.attributes == ["epoch": .int(1)])
    }
}
