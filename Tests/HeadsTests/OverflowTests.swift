import LogitKernels
import Predictions
import Testing

@testable import Heads

/// An overflow before an activation must not come out of it as a sound value.
@Suite struct OverflowTests {
    /// One feature, the sum of two inputs each times 2: 3e38 and -3e38 give ∞ - ∞.
    static let layer = DenseLayer(
        weights: PackedWeights(
            [2, 2].span, outputCount: 1, inputCount: 2, layout: .outputMajor), bias: nil)

    @Test(arguments: [PreLogitsActivation.tanh, .relu])
    func `a pre-logits layer shows its overflow`(_ activation: PreLogitsActivation) throws {
        let head = DenseHead(
            kind: .dense,
            layer: DenseLayer(
                weights: PackedWeights(
                    [1, -1].span, outputCount: 2, inputCount: 1, layout: .outputMajor), bias: nil),
            link: .softmax,
            preLogits: PreLogitsLayer(layer: Self.layer, activation: activation))
        let options = RowOptions(topK: 1, sampleCount: 1, seed: 0, wantsProbabilities: false)
        for row in [[3e38, -3e38], [-3e38, -3e38], [3e38, 3e38]] as [[Float]] {
            let outcomes = head.predict(
                FeatureBatch(features: row, options: [options]), ComputeContext(kernel: .threads(1))
            )
            #expect(outcomes == [.overflow], "\(row)")
        }
    }

    @Test func `a diagonal layer shows its overflow`() {
        let weights = HeteroscedasticWeights(
            location: Self.layer, diagonal: Self.layer, loadings: .none, factorCount: 0,
            space: .logits, diagonalNoise: .shared, deviation: .floored, temperature: 1)
        for row in [[3e38, -3e38], [-3e38, -3e38], [3e38, 3e38]] as [[Float]] {
            let outputs = weights.noiseOutputs(
                of: FeatureRows(dense: row, count: 1), .threads(1))
            let noise = weights.latentNoise(outputs, row: 0)
            #expect(noise.standardDeviation.first?.isNaN == true, "\(row)")
        }
    }
}
