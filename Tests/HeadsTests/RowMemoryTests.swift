import LogitKernels
import Predictions
import Testing

@testable import Heads

/// The bytes that a row's samples are expected to hold, against their arithmetic.
@Suite struct RowMemoryTests {
    private static let (classes, inputs, factors, members) = (1000, 64, 5, 3)

    private static func bytes(
        _ estimator: EstimatorChoice, samples: Int = 1024, link: Link = .softmax,
        members: Int = Self.members, _ change: (inout RowDetails) -> Void = { _ in }
    ) -> Int {
        let summary = HeadSummary(
            kind: .hetXL, link: link, output: link.output, inputCount: inputs,
            classCount: classes, factorCount: factors, defaultSampleCount: 10,
            drawCount: factors + 1, memberCount: members)
        var options = RowOptions(
            topK: 10, sampleCount: samples, seed: 0, estimator: estimator,
            wantsProbabilities: false)
        change(&options.details)
        return RowMemory(options, summary).byteCount
    }

    /// Two doubles a class, replicate and member; the logits of one member, five columns, the
    /// diagonal's and the mean; the draws of 128 points of a replicate.
    @Test func `points have sums of eight scrambles a member`() {
        for members in [1, 3] {
            let logits = 4 * (Self.classes + Self.inputs) * 7
            #expect(
                Self.bytes(.auto, members: members)
                    == members * 8 * 16 * Self.classes + logits + 4 * 6 * 128)
        }
    }

    /// Of independent draws a third double a class is summed, and three floats a sample are kept,
    /// the logits of every member, and the two leaders' probabilities twice. A wave has 1,056
    /// draws.
    @Test func `draws keep what the margin's error is computed from`() {
        let logits = 3 * 4 * (Self.classes + Self.inputs) * 7
        let sums = 3 * 24 * Self.classes
        for (samples, drawn) in [(1055, 1055), (1056, 1056), (1057, 1056)] {
            #expect(
                Self.bytes(.only(.monteCarlo), samples: samples)
                    == sums + logits + 4 * 6 * drawn + 3 * samples * (12 + 2 * 4 * 2))
        }
    }

    /// The logits of every member, to take more samples of.
    @Test func `samples that may end early keep their logits`() {
        let logits = 4 * (Self.classes + Self.inputs) * 7
        #expect(Self.bytes(.auto) { $0.tolerance = 0.1 } == Self.bytes(.auto) + 2 * logits)
    }

    /// Beside what independent draws keep: the sums of all and of four tests, each test's list of
    /// classes, and 256 challengers with nineteen logarithms and twenty products each; 2¹⁷
    /// draws that are looked at, in both precisions. Every sample that may be drawn counts.
    @Test func `a search for a leader keeps the sums of its tests`() {
        let extra = [1000, 3000].map { samples in
            Self.bytes(.auto, samples: samples) { $0.certifyDelta = 0.1 }
                - Self.bytes(.only(.monteCarlo), samples: samples)
        }
        #expect(extra[0] == extra[1])
        let classes = Self.classes * (5 * 16 + 4 * 8)
        let challengers = 4 * 256 * 39 * 8
        let least = classes + challengers + (1 << 17) * 12
        #expect(extra[0] >= least && extra[0] <= least + 4 * 256 * 128)
    }

    @Test func `labels have no margin`() {
        let logits = 4 * (Self.classes + Self.inputs) * 7
        #expect(
            Self.bytes(.only(.monteCarlo), samples: 100, link: .sigmoid)
                == 3 * 16 * Self.classes + logits + 4 * 6 * 100)
    }

    @Test func `votes are counted for every replicate`() {
        let quantiles = Self.bytes(.auto) { $0.quantileLevels = [0.5] }
        let both = Self.bytes(.auto) {
            $0.quantileLevels = [0.5]
            $0.wantsVoteShare = true
        }
        #expect(both - quantiles == 3 * 8 * 4 * Self.classes)
    }

    /// Ten entries' probabilities are traced together up to 2²⁰ numbers: 3·34,952 samples are the
    /// most whose ten fit.
    @Test func `laws of single classes are traced in groups`() {
        func traced(_ samples: Int) -> Int {
            Self.bytes(.only(.monteCarlo), samples: samples) { $0.wantsHistogram = true }
                - Self.bytes(.only(.monteCarlo), samples: samples)
        }
        #expect(traced(34_952) == 8 * 3 * 34_952 * (10 - 2))
        #expect(traced(34_953) == 8 * ((1 << 20) - 3 * 34_953 * 2))
        #expect(traced(200_000) == 0)
    }

    /// Of a single class, whose profile takes 4,096 points however few samples are asked for.
    @Test func `profiles of a known law take its points`() {
        let found = [false, true].map { isKnown in
            let summary = HeadSummary(
                kind: .het, link: .softmax, output: .distribution, inputCount: 4, classCount: 5,
                factorCount: 0, defaultSampleCount: 10, drawCount: 1, hasKnownLaw: isKnown)
            var row = RowOptions(topK: 1, sampleCount: 16, seed: 0, wantsProbabilities: false)
            row.details.wantsHistogram = true
            return RowMemory(row, summary).byteCount
        }
        #expect(found[1] - found[0] == (4096 - 16) * (12 + 2 * 2 * 4))
    }

    @Test func `threads sample a row each, and a law of its own has no samples`() {
        var options = ComputeOptions()
        let exact = HeadSummary(
            kind: .dense, link: .softmax, output: .distribution, inputCount: 4, classCount: 5,
            factorCount: nil, defaultSampleCount: nil)
        let sampled = HeadSummary(
            kind: .het, link: .softmax, output: .distribution, inputCount: 4, classCount: 5,
            factorCount: 2, defaultSampleCount: 10, drawCount: 3)
        let row = RowOptions(topK: 1, sampleCount: 16, seed: 0, wantsProbabilities: false)
        #expect(options.sampleBytes(of: row, exact) == 0)
        let one = options.sampleBytes(of: row, sampled)
        options.threadCount = 7
        #expect(options.sampleBytes(of: row, sampled) == 7 * one)
        let block = SampleMoments.blockBytes(classCount: 5)
        // Eight chunks of three floats a class of a panel, and the entropy of 1,056 samples.
        let wave = 8 * 3 * 32 * 4 + 1056 * 8
        #expect(one == block + wave + RowMemory(row, sampled).byteCount)
    }
}
