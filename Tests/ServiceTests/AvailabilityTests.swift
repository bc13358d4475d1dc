import Predictions
import Testing

@testable import InferenceAPI
@testable import Service

/// Parameters that a kind of head refuses.
@Suite struct AvailabilityTests {
    private static let dense = HeadSummary.exact(
        kind: .dense, link: .softmax, inputCount: 3, classCount: 4)
    private static let tags = HeadSummary.exact(
        kind: .dense, link: .sigmoid, inputCount: 3, classCount: 4)
    private static let ranking = HeadSummary.exact(
        kind: .mhc, link: .softmax, output: .scores, inputCount: 3, classCount: 4)
    private static let noisy = HeadSummary(
        kind: .hetXL, link: .softmax, output: .distribution, inputCount: 3, classCount: 4,
        factorCount: 2, defaultSampleCount: 1000)
    private static let noisyTags = HeadSummary(
        kind: .het, link: .sigmoid, output: .labelProbabilities, inputCount: 3, classCount: 4,
        factorCount: 2, defaultSampleCount: 1000)
    private static let all = [dense, tags, ranking, noisy, noisyTags]

    typealias Change = @Sendable (inout PredictParameters) -> Void

    private static func refusal(
        _ head: HeadSummary, _ fields: RequestFields = .json, change: Change
    ) -> Refusal? {
        var parameters = PredictParameters()
        change(&parameters)
        do throws(Refusal) {
            try Availability.check(parameters, fields, head)
            return nil
        } catch {
            return error
        }
    }

    /// Every wish with the name of its field.
    static let wishes: [(String, Change)] = [
        ("tolerance", { $0.tolerance = 0.1 }), ("certify", { $0.certificate = .topOne }),
        ("coverage", { $0.coverage = 0.9 }), ("abstain_below", { $0.abstainBelow = 0 }),
        ("min_probability", { $0.minProbability = 0 }), ("labels", { $0.labels = [.index(0)] }),
        ("outputs", { $0.outputs = [.probabilities] }), ("outputs", { $0.outputs = [.quantiles] }),
        ("outputs", { $0.outputs = [.histogram] }), ("outputs", { $0.outputs = [.voteShare] }),
    ]

    private static func expect(
        _ refusal: Refusal?, _ code: String, _ name: String,
        at location: SourceLocation = #_sourceLocation
    ) {
        #expect(refusal?.code == code, sourceLocation: location)
        #expect(refusal?.status == 422, sourceLocation: location)
        #expect(refusal?.pointer?.text == "/parameters/\(name)", sourceLocation: location)
        #expect(
            refusal?.detail.hasPrefix("/parameters/\(name): ") == true, sourceLocation: location)
    }

    @Test func `what every head has is refused by none that has probabilities`() {
        for head in Self.all where head.output != .scores {
            for change: Change in [
                { _ in }, { $0.outputs = [.probabilities] }, { $0.minProbability = 1 },
                { $0.labels = [.index(0)] }, { $0.estimator = .only(.monteCarlo) },
                { $0.estimator = .only(.quasiMonteCarlo) },
            ] {
                #expect(Self.refusal(head, change: change) == nil)
            }
        }
    }

    @Test func `scores are never called probabilities`() {
        for (name, change) in Self.wishes {
            Self.expect(Self.refusal(Self.ranking, change: change), "no_probabilities", name)
        }
        #expect(Self.refusal(Self.ranking) { _ in } == nil)
    }

    @Test func `heads with probabilities follow every rule`() {
        for head in Self.all where head.output != .scores {
            #expect(Self.refusal(head) { $0.tolerance = 0.1 } == nil)
            #expect(Self.refusal(head) { $0.certificate = .topOne } == nil)
        }
        for head in [Self.dense, Self.noisy] {
            #expect(Self.refusal(head) { $0.coverage = 0.9 } == nil)
            #expect(Self.refusal(head) { $0.abstainBelow = 0.5 } == nil)
        }
    }

    @Test func `labels with probabilities of their own are no alternatives`() {
        for head in [Self.tags, Self.noisyTags] {
            Self.expect(
                Self.refusal(head) { $0.outputs = [.voteShare] }, "not_available", "outputs")
            Self.expect(Self.refusal(head) { $0.coverage = 0.9 }, "not_available", "coverage")
            let abstains = Self.refusal(head) { $0.abstainBelow = 0.5 }
            Self.expect(abstains, "not_available", "abstain_below")
            #expect(
                abstains?.detail
                    == "/parameters/abstain_below: an abstention is not available: each label of "
                    + "this model has a probability of its own; leave it out")
        }
    }

    @Test(arguments: [PredictParameters.Output.quantiles, .histogram, .voteShare])
    func `heads without noise have no law of it`(output: PredictParameters.Output) {
        let found = Self.refusal(Self.dense) { $0.outputs = [.probabilities, output] }
        Self.expect(found, "not_available", "outputs")
        #expect(
            found?.detail
                == "/parameters/outputs: the output '\(output.rawValue)' is not available: this "
                + "model has no noise that a probability could vary with; leave it out")
    }

    @Test(arguments: [PredictParameters.Output.quantiles, .histogram])
    func `heads with noise have a law of it`(output: PredictParameters.Output) {
        for head in [Self.noisy, Self.noisyTags] {
            #expect(Self.refusal(head) { $0.outputs = [.probabilities, output] } == nil)
        }
        #expect(Self.refusal(Self.noisy) { $0.outputs = [.voteShare] } == nil)
    }

    /// A query string has names and no pointers.
    @Test func `what a query asks for in vain is named there`() throws {
        let cases: [(Refusal?, String)] = [
            (Self.refusal(Self.ranking, .array) { $0.tolerance = 0.1 }, "tolerance"),
            (Self.refusal(Self.ranking, .array) { $0.outputs = [.probabilities] }, "outputs"),
            (Self.refusal(Self.tags, .array) { $0.coverage = 0.1 }, "coverage"),
        ]
        for (refusal, name) in cases {
            let refusal = try #require(refusal)
            #expect(refusal.status == 422)
            #expect(refusal.pointer == nil)
            #expect(refusal.detail.hasPrefix("query parameter '\(name)': "))
        }
    }
}
