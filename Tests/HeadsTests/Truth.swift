import Checkpoints
import Fixtures
import Foundation
import Heads
import LogitKernels
import Predictions
import Testing

/// A fixture's `expected.npz`: what the authors' code computed.
struct Truth {
    let folder: String
    private let arrays: Checkpoint

    init(_ fixture: String) throws {
        try self.init(folder: Fixtures.folder(fixture))
    }

    init(folder: String) throws {
        self.folder = folder
        arrays = try Checkpoint.open(folder + "/expected.npz")
    }

    func floats(_ name: String) throws -> [Float] { try tensor(name).floats() }
    func doubles(_ name: String) throws -> [Double] { try tensor(name).doubles() }
    func integers(_ name: String) throws -> [Int] { try tensor(name).integers().map { Int($0) } }
    func shape(_ name: String) throws -> [Int] { try tensor(name).shape }
    func has(_ name: String) -> Bool { arrays[name] != nil }

    /// Row-major rows of a matrix.
    func rows(_ name: String) throws -> [[Double]] {
        let shape = try shape(name)
        let values = try doubles(name)
        return (0..<shape[0]).map { Array(values[$0 * shape[1]..<($0 + 1) * shape[1]]) }
    }

    private func tensor(_ name: String) throws -> Tensor {
        try #require(arrays[name], "\(folder) has no array \(name)")
    }
}

extension LogitKernel {
    static func threads(_ count: Int) -> LogitKernel {
        LogitKernel(pool: ComputePool(threadCount: count), instructionSet: .underTest)
    }
}

extension ComputeEngine {
    static func threads(_ count: Int) -> ComputeEngine {
        ComputeEngine(threadCount: count, instructionSet: .underTest)
    }
}

extension InstructionSet {
    /// The one that HEADSERVE_KERNEL names, else the best.
    static let underTest: InstructionSet = {
        guard let name = ProcessInfo.processInfo.environment["HEADSERVE_KERNEL"] else {
            return .best
        }
        guard let set = InstructionSet(rawValue: name), set.isSupported else {
            fatalError("HEADSERVE_KERNEL is '\(name)', which this machine cannot run")
        }
        return set
    }()
}

/// The predictions of a head that must not fail.
func predictions(
    _ head: any Head, _ features: [Float], _ options: RowOptions, context: ComputeContext? = nil
) throws -> [Prediction] {
    let count = features.count / head.summary.inputCount
    let batch = FeatureBatch(
        features: features, options: [RowOptions](repeating: options, count: count))
    return try head.predict(batch, context ?? ComputeContext(kernel: .threads(1))).map { outcome in
        guard case .prediction(let prediction) = outcome else { throw Unpredicted(outcome) }
        return prediction
    }
}

struct Unpredicted: Error {
    let outcome: RowOutcome

    init(_ outcome: RowOutcome) { self.outcome = outcome }
}

/// All probabilities, no list.
func everything(
    samples: Int = 1, seed: UInt64 = 0, topK: Int = 0, estimator: EstimatorChoice = .auto
) -> RowOptions {
    RowOptions(
        topK: topK, sampleCount: samples, seed: seed, estimator: estimator,
        wantsProbabilities: true)
}

/// −Σ p ln p in nats.
func entropy(_ probabilities: [Double]) -> Double {
    var sum = 0.0
    for p in probabilities where p > 0 { sum -= p * log(p) }
    return sum
}
