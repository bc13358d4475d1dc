import Heads
import LogitKernels
import Predictions
import Testing

@testable import Bench

/// D = 16, K = 60, B = 2, R = 3, S = 20; 6 groups of 10 labels, of which 2 are searched, by
/// embeddings of width 8.
@Suite struct BenchWorkTests {
    static func shape(
        classes: Int = 60, rows: Int = 2, factors: Int = 3, noise: DiagonalNoise = .shared,
        beam: Int = 2
    ) -> BenchShape {
        BenchShape(
            features: 16, classes: classes, rows: rows, factors: factors, samples: 20,
            estimator: .auto, noise: noise, groups: 6, hidden: 8, beam: beam)
    }

    static func work(
        _ kind: BenchKind, _ shape: BenchShape = shape(), _ weights: WeightFormat? = nil
    ) -> BenchWork {
        var compute = ComputeOptions()
        compute.instructionSet = .baseline
        compute.weights = weights
        return shape.work(kind, compute)
    }

    @Test func `a label takes a multiply-add a feature and row`() {
        for kind in [BenchKind.logits, .mhs] {
            // 2 · B · D · K, and four bytes a weight.
            #expect(Self.work(kind).stages.map(\.operations) == [3840])
            #expect(Self.work(kind).stages.map(\.bytes) == [3840])
        }
    }

    @Test(arguments: [(WeightFormat.float32, 3840.0), (.bfloat16, 1920), (.int8, 1200)])
    func `bytes are those of the format, the scales of int8 among them`(
        _ format: WeightFormat, _ bytes: Double
    ) {
        let stage = Self.work(.logits, Self.shape(), format).stages
        #expect(stage.map(\.bytes) == [bytes] && stage.map(\.format) == [format])
        #expect(stage.map(\.operations) == [3840])
    }

    @Test func `the product head has a digit of 6 and one of 10`() {
        #expect(Self.work(.mhp).stages.map(\.operations) == [1024])
        #expect(Self.work(.mhp).stages.map(\.bytes) == [1024])
    }

    @Test func `a last group that is cut short counts as whole`() {
        #expect(Self.shape(classes: 61).groupSize == 11)
        #expect(Self.work(.mhp, Self.shape(classes: 61)).operations == 2 * 2 * 16 * (6 + 11))
    }

    @Test func `the cascade reads groups, the hidden layer and the labels it visits`() {
        let one = Self.work(.mhc, Self.shape(rows: 1), .bfloat16)
        #expect(one.stages.map(\.operations) == [192, 256, 320])
        // Embeddings stay float32: 2 groups of 10 labels of 8 floats.
        #expect(one.stages.map(\.bytes).prefix(2) == [192, 256])
        #expect(abs(one.stages[2].bytes - 640) < 1e-9)
        #expect(one.stages.map(\.format) == [.bfloat16, .bfloat16, .float32])
    }

    @Test func `rows that choose the same group share the reading of it`() {
        let stage = Self.work(.mhc).stages[2]
        #expect(stage.operations == 640)
        // A group is missed by both rows with a chance of (4/6)² = 4/9; a group has 320 bytes.
        #expect(abs(stage.bytes - 6 * 320 * 5 / 9) < 1e-9)
    }

    @Test func `no more groups are visited than there are`() {
        let all = Self.work(.mhc, Self.shape(beam: 6)).stages[2]
        #expect(all.bytes == 4 * 60 * 8 && all.operations == 2 * 2 * 60 * 8)
        let more = Self.work(.mhc, Self.shape(beam: 7)).stages[2]
        #expect(more.bytes == all.bytes && more.operations == all.operations)
    }

    @Test func `shared noise takes the covariance, R + 2 products and the samples`() {
        let work = Self.work(.hetXL, Self.shape(), .bfloat16)
        // 2 · 2 · 16 · 32; 2 · 2 · 5 · 16 · 60; 2 · 2 · 20 · 4 · 60.
        #expect(work.stages.map(\.operations) == [2048, 19_200, 19_200])
        #expect(work.stages.map(\.bytes) == [2048, 1920, 0])
        // The baseline has no noise in bfloat16.
        #expect(work.stages.map(\.format) == [.float32, .bfloat16, .float32])
    }

    @Test func `without factors the covariance is its diagonal`() {
        let work = Self.work(.hetXL, Self.shape(factors: 0))
        #expect(work.stages.map(\.operations) == [1024, 7680, 4800])
    }

    @Test func `independent noise goes through the weights, or through a factor for few labels`() {
        let latents = Self.work(.hetXL, Self.shape(noise: .independent))
        // 2 · 2 · 20 · 3 · 16 for the draws, 2 · 2 · 20 · 16 · 60 for their logits.
        #expect(latents.stages.map(\.operations) == [2048, 3840, 76_800])
        #expect(latents.stages.map(\.bytes) == [2048, 0, 3840])
        // K = 4: 2 · 2 · 19 · 16 · 4; then 4 · (16 · 19 / 2 + 64 / 6 + 20 · 16).
        let covariance = Self.work(.hetXL, Self.shape(classes: 4, noise: .independent)).stages
        #expect(covariance.count == 3 && covariance[1].operations == 4864)
        #expect(abs(covariance[2].operations - (1888 + 128.0 / 3)) < 1e-9)
    }

    @Test func `texts and requests have no work to compare`() {
        #expect(Self.work(.json).stages.isEmpty && Self.work(.http).stages.isEmpty)
    }

    @Test func `stages take turns, and in each the slower of arithmetic and reading counts`() {
        let peaks = MachinePeaks(operations: [.float32: 100, .bfloat16: 200], bytes: 10)
        let work = BenchWork(stages: [
            .init(format: .float32, operations: 300, bytes: 10),
            .init(format: .bfloat16, operations: 300, bytes: 40),
        ])
        #expect(work.seconds(at: peaks) == 3 + 4)
        #expect(work.operations == 600 && work.bytes == 50)
    }
}

@Suite struct BenchShapeTests {
    @Test func `every size but the factors is at least one`() {
        #expect(BenchWorkTests.shape(factors: 0).isPositive)
        #expect(!BenchWorkTests.shape(factors: -1).isPositive)
        let sizes: [WritableKeyPath<BenchShape, Int>] = [
            \.features, \.classes, \.rows, \.samples, \.groups, \.hidden, \.beam,
        ]
        for size in sizes {
            var shape = BenchWorkTests.shape()
            shape[keyPath: size] = 1
            #expect(shape.isPositive)
            shape[keyPath: size] = 0
            #expect(!shape.isPositive)
        }
    }
}
