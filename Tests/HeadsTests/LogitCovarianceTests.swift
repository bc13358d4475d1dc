import LogitKernels
import Testing

@testable import Heads

/// The factor of the logits' covariance, and when it is used.
@Suite struct LogitCovarianceTests {
    /// B of K rows and `width` columns; of the last rows each is a multiple of the one before.
    private static func rows(_ classes: Int, _ width: Int, dependent: Int = 0) -> [Float] {
        var values = [Float](repeating: 0, count: classes * width)
        var span = values.mutableSpan
        LogitKernel.threads(1).normals(
            seed: 3, firstSample: 0, sampleCount: classes, dimensionCount: width, into: &span)
        for k in classes - dependent..<classes {
            for j in 0..<width { values[k * width + j] = values[(k - 1) * width + j] * 2 }
        }
        return values
    }

    private static func factor(_ rows: [Float], _ classes: Int) -> [Double] {
        LogitCovariance(rows: rows, classCount: classes, .threads(1)).choleskyFactor()
    }

    @Test(arguments: [(1, 3, 0), (2, 2, 0), (17, 33, 0), (8, 5, 0), (9, 20, 3), (40, 70, 1)])
    func `the factor's square is the covariance`(classes: Int, width: Int, dependent: Int) {
        let rows = Self.rows(classes, width, dependent: dependent)
        let factor = Self.factor(rows, classes)
        func row(_ k: Int) -> ArraySlice<Float> { rows[k * width..<(k + 1) * width] }
        func product(_ i: Int, _ j: Int) -> Double {
            zip(row(i), row(j)).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }
        for i in 0..<classes {
            for j in 0..<classes {
                let found = (0..<classes).reduce(0) {
                    $0 + factor[i * classes + $1] * factor[j * classes + $1]
                }
                if j > i { #expect(factor[i * classes + j] == 0) }
                // Sums of 5 products a lane and 4 joins are off by 9·2⁻²⁴ |Bi| |Bj|; where a
                // variance of 2⁻²⁰ was dropped the columns of that size are too, each up to 2⁻¹⁰
                // |Bi|.
                let size = (product(i, i) * product(j, j)).squareRoot()
                let isWhole = dependent == 0 && width >= classes
                #expect(abs(found - product(i, j)) <= size * (isWhole ? 0x1p-18 : 0x1p-9))
            }
        }
    }

    @Test func `dependent logits leave no column behind`() {
        let factor = Self.factor(Self.rows(9, 20, dependent: 3), 9)
        for k in 6..<9 { #expect(factor[k * 9 + k] == 0) }
    }

    @Test func `overflow stays visible`() {
        var rows = Self.rows(3, 4)
        rows[5] = 1e30
        #expect(Self.factor(rows, 3).contains { !$0.isFinite })
    }

    @Test func `the cheapest path is taken`() {
        // Few classes: a draw a class instead of one a latent. Many: the products with the weights.
        #expect(
            Self.weights(classes: 10, .independent).cheapestPath(sampleCount: 1000) == .covariance)
        #expect(
            Self.weights(classes: 900, .independent).cheapestPath(sampleCount: 1000) == .latents)
        #expect(Self.weights(classes: 10, .independent).cheapestPath(sampleCount: 1) == .latents)
        // Points are laid along axes, which the latent path has none of.
        for (classes, path) in [
            (63, SamplingPath.covariance), (64, .covariance), (65, .latents),
        ] {
            let weights = Self.weights(classes: classes, .independent)
            #expect(weights.cheapestPath(sampleCount: 1, hasAxes: true) == path)
        }
        // A pays from S > D (R + 2) / (D - R - 1) on, about R + 2.
        #expect(Self.weights(classes: 900, .shared).cheapestPath(sampleCount: 1000) == .loadings)
    }

    private static func weights(
        classes: Int, _ noise: DiagonalNoise
    ) -> HeteroscedasticWeights {
        func layer(_ outputs: Int) -> DenseLayer {
            DenseLayer(
                weights: PackedWeights(
                    [Float](repeating: 0, count: outputs * 64).span, outputCount: outputs,
                    inputCount: 64, layout: .inputMajor), bias: nil)
        }
        return HeteroscedasticWeights(
            location: layer(classes), diagonal: layer(64), loadings: .none, factorCount: 0,
            space: .features, diagonalNoise: noise, deviation: .floored, temperature: 1)
    }
}
