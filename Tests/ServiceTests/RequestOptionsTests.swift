import Predictions
import Testing

@testable import InferenceAPI
@testable import Service

/// The options of rows that a request's parameters make.
@Suite struct RequestOptionsTests {
    private static let head = HeadSummary(
        kind: .hetXL, link: .softmax, output: .distribution, inputCount: 3, classCount: 4,
        factorCount: 2, defaultSampleCount: 77)

    private static func options(
        _ labels: [Int] = [], _ rule: PredictionSetRule? = nil,
        _ change: (inout PredictParameters) -> Void = { _ in }
    ) -> RowOptions {
        var parameters = PredictParameters()
        change(&parameters)
        return parameters.rowOptions(
            head, maxSampleCount: 500, labels: labels, predictionSet: rule)
    }

    /// Most requests ask for nothing rare, and their rows hold no memory for it.
    @Test func `a plain request has no details`() {
        let plain = Self.options()
        #expect(!plain.hasDetails)
        #expect(plain.sampleCount == 77 && plain.maxSampleCount == 500 && plain.topK == 5)
        let marked = Self.options { ($0.outputs, $0.minProbability) = ([.probabilities], 0.25) }
        #expect(!marked.hasDetails && marked.wantsProbabilities && marked.minProbability == 0.25)
    }

    @Test func `every wish is in the details`() {
        let rule = PredictionSetRule(method: .lac, coverage: 0.9, threshold: 0.5)
        let details = Self.options([2, 1], rule) {
            $0.certificate = .topOne
            $0.delta = 0.25
            $0.outputs = [.quantiles, .histogram, .voteShare]
            $0.quantileLevels = [0.1, 0.9]
            $0.abstainBelow = 0.75
        }.details
        var expected = RowDetails()
        expected.labels = [2, 1]
        expected.certifyDelta = 0.25
        expected.quantileLevels = [0.1, 0.9]
        (expected.wantsHistogram, expected.wantsVoteShare) = (true, true)
        (expected.predictionSet, expected.abstainBelow) = (rule, 0.75)
        #expect(details == expected)
    }

    @Test func `each wish alone is no other`() {
        func details(_ change: (inout PredictParameters) -> Void) -> RowDetails {
            Self.options([], nil, change).details
        }
        func expected(_ change: (inout RowDetails) -> Void) -> RowDetails {
            var details = RowDetails()
            change(&details)
            return details
        }
        #expect(details { $0.tolerance = 0.125 } == expected { $0.tolerance = 0.125 })
        #expect(details { $0.certificate = .topOne } == expected { $0.certifyDelta = 0.05 })
        #expect(
            details { $0.outputs = [.quantiles] }
                == expected {
                    $0.quantileLevels = [0.05, 0.5, 0.95]
                })
        #expect(details { $0.outputs = [.histogram] } == expected { $0.wantsHistogram = true })
        #expect(details { $0.outputs = [.voteShare] } == expected { $0.wantsVoteShare = true })
        #expect(details { $0.abstainBelow = 0 } == expected { $0.abstainBelow = 0 })
    }

    /// Samples are the most that a tolerance may take: the request's own, or the model's.
    @Test func `a tolerance is capped by samples`() {
        #expect(Self.options { $0.tolerance = 0.1 }.sampleCount == 77)
        #expect(Self.options { ($0.tolerance, $0.sampleCount) = (0.1, 9) }.sampleCount == 9)
    }

    @Test(
        arguments: [
            (5, nil, 5), (5, 0, 5), (.max, 0.25, 5), (4, 0.25, 4), (0, 0.25, 0), (.max, 1, 2),
            (.max, 1e-300, .max), (.max, 1e-18, 1_000_000_953_674_316_288), (1, 1, 1),
        ] as [(Int, Double?, Int)])
    func `lists of likely labels are short`(topK: Int, least: Double?, length: Int) {
        var parameters = PredictParameters()
        (parameters.topK, parameters.minProbability) = (topK, least)
        #expect(parameters.listLength(.distribution) == length)
        #expect(parameters.listLength(.labelProbabilities) == topK)
    }
}
