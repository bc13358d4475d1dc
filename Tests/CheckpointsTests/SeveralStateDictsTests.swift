import Checkpoints
import Testing

/// Files of several state dicts: raw weights and averaged ones, a teacher and a student.
@Suite struct SeveralStateDictsTests {
    typealias P = PickleWriter

    private func read(_ entries: [(String, [UInt8])]) throws -> Checkpoint {
        try Checkpoint.read(TorchWriter(P.dictionary(entries)).bytes, name: "t")
    }

    private func matrix(offset: Int32 = 0) -> [UInt8] {
        P.tensor(P.storage("0", count: 4), offset: P.int(offset), sizes: [1, 2], strides: [2, 1])
    }

    /// Weights of one layer, the element `offset` first.
    private func weights(_ prefix: String = "", offset: Int32 = 0) -> [UInt8] {
        P.orderedDictionary([
            (prefix + "fc.weight", matrix(offset: offset)), (prefix + "fc.bias", P.vector()),
        ])
    }

    private let names = ["fc.weight", "fc.bias"]

    /// The result of `torch.optim.Optimizer.state_dict`.
    private var optimizer: [UInt8] {
        let averages = P.dictionary([("exp_avg", matrix())])
        return P.dictionary([
            ("state", P.emptyDictionary + P.mark + P.int(0) + averages + [0x75]),
            ("param_groups", P.list([P.dictionary([("lr", P.double(0.5))])])),
        ])
    }

    @Test(arguments: [
        ("state_dict", "state_dict_ema"), ("model", "ema"), ("params", "params_ema"),
        ("student", "teacher"), ("state_dict", "best_state_dict"), ("model", "net"),
        ("ema", "model"),
    ])
    func `each of two state dicts has names of its own`(first: String, second: String) throws {
        let checkpoint = try read([
            ("epoch", P.int(3)), (first, weights()), (second, weights(offset: 2)),
        ])
        let all = [first, second].flatMap { key in names.map { "\(key).\($0)" } }
        #expect(checkpoint.tensors.map(\.name) == all)
        #expect(try checkpoint["\(first).fc.weight"]?.floats() == [1, 2])
        #expect(try checkpoint["\(second).fc.weight"]?.floats() == [3, 4])
        #expect(checkpoint.stateDicts == [first, second])
        #expect(checkpoint.wrapper == nil)
        #expect(checkpoint.attributes == ["epoch": .int(3)])
    }

    @Test(arguments: ["state_dict", "model_state_dict", "model", "net", "params"])
    func `a single one keeps the names of a bare state dict`(key: String) throws {
        let checkpoint = try read([
            (key, weights()), ("optimizer_states", P.list([optimizer])),
            ("optimizer_G", optimizer), ("other", optimizer),
            (
                "callbacks",
                P.dictionary([("best", P.tensor(P.storage("0", count: 4), sizes: [], strides: []))])
            ),
            ("rng_state", P.dictionary([("torch", P.vector())])),
        ])
        #expect(checkpoint.tensors.map(\.name) == names)
        #expect(checkpoint.wrapper == key)
        #expect(checkpoint.stateDicts.isEmpty)
    }

    @Test(arguments: ["scaler", "scheduler", "optim", "optim_gain"])
    func `a tensor with the name of a training state is one of the weights`(_ key: String) throws {
        let checkpoint = try read([
            ("fc.weight", matrix()), ("fc.bias", P.vector()), (key, P.vector()),
            ("optimizer", optimizer),
        ])
        #expect(checkpoint.tensors.map(\.name) == names + [key])
    }

    @Test func `weights of another name are not passed over`() throws {
        let vectors = P.dictionary([("scale", P.vector())])
        let checkpoint = try read([("params", vectors), ("teacher", weights())])
        #expect(
            checkpoint.tensors.map(\.name)
                == ["params.scale", "teacher.fc.weight", "teacher.fc.bias"])
        #expect(checkpoint.wrapper == nil)
        #expect(checkpoint.stateDicts.isEmpty)
    }

    @Test func `weights may lie deeper`() throws {
        let callbacks = P.dictionary([("EMA", P.dictionary([("weights", weights(offset: 1))]))])
        let checkpoint = try read([("state_dict", weights()), ("callbacks", callbacks)])
        #expect(checkpoint["state_dict.fc.weight"] != nil)
        #expect(try checkpoint["callbacks.EMA.weights.fc.weight"]?.floats() == [2, 3])
        #expect(checkpoint.stateDicts == ["state_dict", "callbacks"])
    }

    @Test func `whole modules are state dicts`() throws {
        let net = P.module(
            parameters: [("w", matrix())], attributes: [("num_classes", P.int(5))])
        let checkpoint = try read([("net", net), ("ema", weights("module."))])
        #expect(checkpoint.tensors.map(\.name) == ["net.w", "ema.fc.weight", "ema.fc.bias"])
        #expect(checkpoint.attributes["net.num_classes"] == .int(5))
        #expect(checkpoint.stateDicts == ["net", "ema"])
    }

    /// `DataParallel` and its kin wrap the raw weights only.
    @Test func `the parallel prefix is stripped from each by itself`() throws {
        for prefixes in [["module.", ""], ["", "module."], ["module.", "module."]] {
            let checkpoint = try read([
                ("state_dict", weights(prefixes[0])), ("ema", weights(prefixes[1])),
            ])
            #expect(
                checkpoint.tensors.map(\.name)
                    == names.map { "state_dict.\($0)" } + names.map { "ema.\($0)" })
        }
        let some = P.dictionary([("module.a", matrix()), ("b", matrix())])
        let checkpoint = try read([("model", some), ("ema", weights())])
        #expect(checkpoint["model.module.a"] != nil)
    }

    @Test(arguments: ["optimizer_G", "optim_d", "discriminatorOptimizer", "other"])
    func `optimisers' tensors are left out`(key: String) throws {
        let checkpoint = try read([("a", weights()), (key, optimizer), ("b", weights())])
        #expect(checkpoint.stateDicts == ["a", "b"])
        #expect(checkpoint.tensors.count == 4)
        #expect(checkpoint.attributes["\(key).param_groups.0.lr"] == .double(0.5))
    }

    @Test func `a tensor may be called like an optimiser`() throws {
        let checkpoint = try read([("optimizer_weight", matrix()), ("optim_", P.vector())])
        #expect(checkpoint.tensors.map(\.name) == ["optimizer_weight", "optim_"])
    }

    /// Many entries that share what is searched, and at the end of each a tensor: what is
    /// looked at counts for each of them.
    @Test func `searches are bounded`() {
        let list = P.list((0..<100).map { P.list([P.int($0)]) }) + P.put(0)
        let shared = P.list([matrix(), P.get(0)])
        let entries = (0..<200).map { ("e\($0)", $0 == 0 ? P.list([matrix(), list]) : shared) }
        var limits = ReadLimits.standard
        limits.visitCount = 10_000
        #expect {
            try Checkpoint.read(
                TorchWriter(P.dictionary(entries)).bytes, name: "t", limits: limits)
        } throws: { error in
            guard case .limitExceeded(_, _, .visitCount, _, 10_000) = error as? CheckpointError
            else { return false }
            return true
        }
    }
}
