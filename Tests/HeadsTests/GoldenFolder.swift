import Checkpoints
import Fixtures
import Foundation
import LogitKernels
import Predictions
import Testing

@testable import Heads

/// A fixture of a head with noise, as a model with golden outputs, right or wrong in one thing.
struct GoldenFolder {
    /// One thing in which the model is not the author's.
    enum Change: Sendable, CustomStringConvertible {
        case none
        case bounds(Double, Double)
        case noise
        /// Outputs of the loadings' layer read as V[r, j] instead of V[j, r].
        case reshape
        /// Two labels exchanged in the author's answers.
        case labels(Int, Int)

        /// Whether the head differs, and not the author's answers.
        var isOfHead: Bool {
            switch self {
            case .none, .labels: false
            case .bounds, .noise, .reshape: true
            }
        }

        var description: String {
            switch self {
            case .none: "as it is"
            case .bounds(let low, let high): "bounds [\(low), \(high)]"
            case .noise: "the other noise law"
            case .reshape: "the other reshape order"
            case .labels(let left, let right): "labels \(left) and \(right) exchanged"
            }
        }
    }

    let fixture: String
    let head: HeteroscedasticHead
    let outputs: GoldenOutputs

    /// The reference, which is exact to three digits or more, as the author's answers.
    init(_ fixture: String, _ change: Change = .none) throws {
        let truth = try Truth("het/" + fixture)
        var rows = try truth.rows("reference_probabilities")
        if case .labels(let left, let right) = change {
            for row in rows.indices { rows[row].swapAt(left, right) }
        }
        try self.init(
            fixture, change, features: try truth.floats("features"),
            probabilities: rows.flatMap { $0.map { Float($0) } })
    }

    init(
        _ fixture: String, _ change: Change = .none, features: [Float], probabilities: [Float]
    ) throws {
        self.fixture = fixture
        head = try Self.head(Fixtures.folder("het/" + fixture), change)
        outputs = GoldenOutputs(
            features: features, probabilities: probabilities,
            rowCount: features.count / head.summary.inputCount, tolerance: nil,
            standardErrors: nil, sampleCount: nil)
    }

    private static func head(_ folder: String, _ change: Change) throws -> HeteroscedasticHead {
        var (checkpoint, manifest, _) = try ModelSource.find(folder).open()
        if case .bounds(let low, let high) = change { manifest.temperatureBounds = [low, high] }
        let loaded = try HeadRecognition(
            manifest: manifest, checkpoint: checkpoint, weights: .float32
        ).head()
        let head = try #require(loaded as? HeteroscedasticHead)
        return switch change {
        case .noise: head.withOtherNoise
        case .reshape: head.withOtherReshape ?? head
        default: head
        }
    }

    // MARK: The head's answers

    func answers(_ engine: ComputeEngine) -> GoldenAnswers {
        GoldenAnswers(
            head: head, context: ComputeContext(kernel: engine.kernel), modelName: fixture)
    }

    var hasReshape: Bool { head.withOtherReshape != nil }

    /// The rows as the head answers them.
    func sampledRows(_ engine: ComputeEngine) throws -> [SampledRow] {
        var rows: [SampledRow] = []
        try SampledAnswers(answers(engine), outputs).forEachRow { _, row in rows.append(row) }
        return rows
    }

    /// The verdict on rows that `sampledRows` has drawn, where the author drew `sampleCount`
    /// samples and answered `probabilities`.
    func verdict(
        _ rows: [SampledRow], _ probabilities: [Float], sampleCount: Int
    ) throws -> GoldenVerdict {
        let golden = GoldenOutputs(
            features: outputs.features, probabilities: probabilities, rowCount: rows.count,
            tolerance: nil, standardErrors: nil, sampleCount: nil)
        let limits = GoldenLimits(golden: golden, path: fixture, formatError: 0)
        return try Self.verdict(rows, limits, sampleCount: sampleCount)
    }

    private static func verdict(
        _ rows: [SampledRow], _ limits: GoldenLimits, sampleCount: Int
    ) throws -> GoldenVerdict {
        var comparison = SampledComparison(
            limits, rowCount: rows.count, modelSampleCount: sampleCount)
        do {
            for (row, answer) in rows.enumerated() { try comparison.add(row: row, answer) }
            try comparison.requireAll()
            return .loads
        } catch ModelError.goldenDiffers {
            return .classDiffers
        } catch ModelError.goldenDiffersOverall {
            return .allDiffer
        }
    }

    /// The answers of an author with the same head, who draws few samples with seeds of their own:
    /// one for all rows, or one for each.
    func author(
        _ number: Int, sampleCount: Int, sharesDraws: Bool, _ engine: ComputeEngine
    ) throws -> [Float] {
        let options = (0..<outputs.rowCount).map { row in
            RowOptions(
                topK: 0, sampleCount: sampleCount,
                seed: UInt64(1 << 32 + number << 16 + (sharesDraws ? 0 : row)),
                estimator: .only(.monteCarlo), wantsProbabilities: true)
        }
        let batch = FeatureBatch(features: outputs.features, options: options)
        let predictions = try head.answers(
            to: batch, answers(engine).context, modelName: fixture)
        return predictions.flatMap { $0.probabilities ?? [] }
    }
}

/// The outcome of a golden check.
enum GoldenVerdict: String {
    case loads
    case classDiffers = "refused by a class"
    case allDiffer = "refused by all together"
}

extension HeteroscedasticHead {
    /// The head with the other law of diagonal noise.
    fileprivate var withOtherNoise: HeteroscedasticHead {
        replacing(
            loadings: weights.loadings,
            diagonalNoise: weights.diagonalNoise == .shared ? .independent : .shared)
    }

    /// The head whose full loadings have the other order; nil for parameter-efficient ones and for
    /// none, whose shapes leave no choice. It answers alike whether the outputs of the layer are
    /// permuted or read in the other order.
    fileprivate var withOtherReshape: HeteroscedasticHead? {
        guard case .full(let layer) = weights.loadings else { return nil }
        let (rank, latent) = (weights.factorCount, weights.latentCount)
        // Output r·N + j where the authors have j·R + r.
        let places = (0..<latent).flatMap { j in (0..<rank).map { $0 * latent + j } }
        let kernel = LogitKernel.threads(1)
        let zero = [Float](repeating: 0, count: layer.inputCount)
        let bias = layer.apply(zero, rowCount: 1, kernel)
        var columns: [[Float]] = []
        for input in 0..<layer.inputCount {
            var unit = zero
            unit[input] = 1
            columns.append(zip(layer.apply(unit, rowCount: 1, kernel), bias).map { $0 - $1 })
        }
        let weightRows = places.flatMap { place in columns.map { $0[place] } }
        let other = DenseLayer(
            weights: PackedWeights(
                weightRows.span, outputCount: rank * latent, inputCount: layer.inputCount,
                layout: .outputMajor),
            bias: places.map { bias[$0] })
        return replacing(loadings: .full(other), diagonalNoise: weights.diagonalNoise)
    }

    private func replacing(
        loadings: FactorLoadings, diagonalNoise: DiagonalNoise
    ) -> HeteroscedasticHead {
        HeteroscedasticHead(
            members: [
                HeteroscedasticWeights(
                    location: weights.location, diagonal: weights.diagonal, loadings: loadings,
                    factorCount: weights.factorCount, space: weights.space,
                    diagonalNoise: diagonalNoise, deviation: weights.deviation,
                    temperature: weights.temperature)
            ],
            link: link, defaultSampleCount: defaultSampleCount, preLogits: preLogits)
    }
}
