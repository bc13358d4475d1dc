import Fixtures
import Foundation
import LogitKernels
import Predictions
import Testing

@testable import Heads

/// A head with one probability, exact or sampled with a known variance. Runs of seeds 2n and 2n + 1
/// are off by one standard error to either side, so that an even number of them is right.
private struct ConstantHead: Head {
    var probability: Float
    /// Standard deviation of one sample; nil for an exact head.
    var deviation: Float?

    var summary: HeadSummary {
        HeadSummary(
            kind: .hetXL, link: .sigmoid, output: .labelProbabilities, inputCount: 3,
            classCount: 2, factorCount: deviation == nil ? nil : 0,
            defaultSampleCount: deviation == nil ? nil : 100, drawCount: 1)
    }

    func predict(_ batch: FeatureBatch, _ context: ComputeContext) -> [RowOutcome] {
        batch.options.map { options in
            let spread = deviation.map {
                SamplingSpread(
                    standardError: $0 / Float(options.sampleCount).squareRoot(),
                    interval: 0...1, standardDeviation: $0)
            }
            let error = spread?.standardError ?? 0
            let value = probability + (options.seed.isMultiple(of: 2) ? error : -error)
            let top = (0..<min(options.topK, 2)).map {
                Candidate(index: $0, probability: value, spread: spread)
            }
            return .prediction(
                Prediction(top: top, probabilities: [value, value]))
        }
    }
}

@Suite struct GoldenCheckTests {
    /// The report on a head that answers `found` where the author says `expected` of both labels.
    private func check(
        _ head: ConstantHead, _ expected: Float, weights: WeightFormat = .float32,
        _ arrays: [ArrayFile.Array] = [], ignored: [String] = []
    ) throws -> GoldenReport? {
        var file = ArrayFile()
        file["features"] = .init(name: "features", shape: [1, 3], values: [0, 0, 0])
        file["probabilities"] = .init(
            name: "probabilities", shape: [1, 2], values: [expected, expected])
        for array in arrays { file[array.name] = array }
        let path = FileManager.default.temporaryDirectory.appending(
            path: "headserve-\(UUID().uuidString).npz")
        try Data(file.archive).write(to: path)
        defer { try? FileManager.default.removeItem(at: path) }
        let model = Model(
            name: "m", version: "1", head: head, labels: nil, sha256: "", weights: weights,
            goldenPath: path.path)
        let report = try SelfCheck(model, engine: ComputeEngine.threads(1)).run()
        #expect(report.ignoredArrays == ignored)
        return report.golden
    }

    private func passes(
        _ head: ConstantHead, _ expected: Float, weights: WeightFormat = .float32,
        _ arrays: [ArrayFile.Array] = []
    ) throws -> Bool {
        do {
            return try check(head, expected, weights: weights, arrays) != nil
        } catch ModelError.goldenDiffers {
            return false
        }
    }

    private func number(_ name: String, _ value: Float) -> ArrayFile.Array {
        .init(name: name, shape: [], values: [value])
    }

    @Test func `exact answers may differ by 1e-4 or the tolerance`() throws {
        let head = ConstantHead(probability: 0.5, deviation: nil)
        #expect(try passes(head, 0.50009))
        #expect(try !passes(head, 0.50011))
        #expect(try passes(head, 0.5009, [number("tolerance", 1e-3)]))
        #expect(try !passes(head, 0.5011, [number("tolerance", 1e-3)]))
    }

    @Test func `the differences are told`() throws {
        let head = ConstantHead(probability: 0.25, deviation: nil)
        let report = try #require(try check(head, 0.25 + 0x1p-14))
        #expect(
            report
                == GoldenReport(
                    rowCount: 1, skippedRowCount: 0, maxDifference: 0x1p-14,
                    meanDifference: 0x1p-14))
    }

    /// Of a deviation of 0.2, 100 samples of the author have the standard error 0.02, and 50,000 of
    /// the head's have 0.0009: five deviations of both are 0.1001. At one half nothing is skewed.
    @Test func `five standard errors of both are the limit`() throws {
        let head = ConstantHead(probability: 0.5, deviation: 0.2)
        for sign: Float in [-1, 1] {
            #expect(try passes(head, 0.5 + sign * 0.1))
            #expect(try !passes(head, 0.5 + sign * 0.1003))
        }
    }

    /// 10,000 samples have 0.002: with the head's, five deviations are 0.01096.
    @Test func `the author's samples stand for the model's`() throws {
        let head = ConstantHead(probability: 0.5, deviation: 0.2)
        #expect(try passes(head, 0.5109, [number("samples", 10_000)]))
        #expect(try !passes(head, 0.5111, [number("samples", 10_000)]))
    }

    @Test func `the author's standard errors come first`() throws {
        let head = ConstantHead(probability: 0.5, deviation: 0.2)
        let errors = ArrayFile.Array(
            name: "standard_error", shape: [1, 2], values: [0.002, 0.002])
        for arrays in [[errors], [errors, number("samples", 100)]] {
            #expect(try passes(head, 0.5109, arrays))
            #expect(try !passes(head, 0.5111, arrays))
        }
    }

    @Test func `no class is judged by less than the tolerance`() throws {
        let head = ConstantHead(probability: 0.5, deviation: 1e-7)
        #expect(try passes(head, 0.50009))
        #expect(try !passes(head, 0.50011))
        #expect(try passes(head, 0.5009, [number("tolerance", 1e-3)]))
    }

    /// Beside the limit there is the budget of the format, 2⁻⁶ and 2⁻⁴.
    @Test(arguments: [
        (WeightFormat.float32, Float(0)), (.bfloat16, 0x1p-6), (.int8, 0x1p-4),
    ])
    func `the format's budget is added`(_ weights: WeightFormat, _ budget: Float) throws {
        for head in [
            ConstantHead(probability: 0.5, deviation: 0.2),
            ConstantHead(probability: 0.5, deviation: nil),
        ] {
            let limit = (head.deviation == nil ? 1e-4 : 0.1001) + budget
            #expect(try passes(head, 0.5 + limit - 0.00005, weights: weights))
            #expect(try !passes(head, 0.5 + limit + 0.0002, weights: weights))
        }
    }

    @Test(arguments: [
        ("standard_errors", "standard_error"), ("tolerence", "tolerance"), ("sample", "samples"),
        ("n_samples", "samples"), ("Tolerance", "tolerance"),
    ])
    func `a misspelt name is refused`(_ name: String, _ meant: String) throws {
        let head = ConstantHead(probability: 0.5, deviation: 0.2)
        #expect {
            try check(head, 0.5, [number(name, 1)])
        } throws: {
            guard case .goldenArray(_, name, let expected) = $0 as? ModelError else {
                return false
            }
            return expected.hasPrefix("called '\(meant)'")
        }
    }

    /// Beside `tolerance` nobody can mean it by another name.
    @Test func `other arrays are named`() throws {
        let head = ConstantHead(probability: 0.5, deviation: nil)
        let names = ["labels", "logits", "seed", "reference_probabilities", "tolerances"]
        let report = try check(
            head, 0.5, (["tolerance"] + names).map { number($0, 0.5) }, ignored: names)
        #expect(report != nil)
    }

    @Test func `a refusal of all together tells how far they are`() {
        let error = ModelError.goldenDiffersOverall(
            path: "p", rowCount: 8, found: 3.5, limit: 2.25, mean: 0.015, max: 0.125)
        #expect(
            "\(error)"
                == "p: over 8 rows and all classes the model's answers differ by 3.5 standard "
                + "errors (root mean square) where chance explains 2.25; the mean difference is "
                + "0.015, the largest 0.125")
    }
}
