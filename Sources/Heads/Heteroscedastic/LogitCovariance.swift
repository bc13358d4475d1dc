internal import LogitKernels
internal import Predictions

/// Independent noise in logit space: u = m + L ζ with L Lᵀ the covariance of the logits, K×K, and
/// one draw a class. The law is that of the latent path, the draws are others.
extension HeteroscedasticWeights {
    /// Columns of the noise that meet the weights at a time.
    private static let columnsAtOnce = 256

    /// The logits of one row. Cost: (R+N)·N·K for the loadings of all noise, K²(R+N)/2 for the
    /// covariance, K³/6 for its factor; then S·K² for the samples and S·K draws. The latent path
    /// has S·(R+N)·K and S·(R+N) draws.
    func covarianceLogits(
        _ features: FeatureRows, row: Int, _ noise: LatentNoise, hasAxes: Bool,
        _ kernel: LogitKernel
    ) -> NoisyLogits {
        let loadings = noiseLoadings(noise, kernel)
        let factor = LogitCovariance(
            rows: loadings, classCount: classCount, kernel
        ).choleskyFactor()
        let mean = zip(features.denseRow(row), noise.shift).map { $0 + $1 }
        var rows = [Float](repeating: 0, count: (classCount + 1) * classCount)
        for k in 0..<classCount {
            for column in 0...k {
                rows[column * classCount + k] = Float(factor[k * classCount + column])
            }
        }
        let locations = location.apply(mean, rowCount: 1, kernel)
        rows.replaceSubrange((classCount * classCount)..., with: locations)
        return kernel.noisyLogits(
            rows: rows.span, classCount: classCount, bias: nil, temperature: temperature,
            precision: .float32, hasAxes: hasAxes)
    }

    /// W·[V, diag(d)], K×(R+N), untempered.
    private func noiseLoadings(_ noise: LatentNoise, _ kernel: LogitKernel) -> [Float] {
        let width = factorCount + latentCount
        let deviations = Array(noise.standardDeviation)
        let layer = DenseLayer(weights: location.weights, bias: nil)
        var result = [Float](repeating: 0, count: classCount * width)
        for first in stride(from: 0, to: width, by: Self.columnsAtOnce) {
            let columns = first..<min(first + Self.columnsAtOnce, width)
            var inputs = [Float](repeating: 0, count: columns.count * latentCount)
            for (place, column) in columns.enumerated() {
                let start = place * latentCount
                if column < factorCount {
                    let factor = noise.columns.matrixRow(column, width: latentCount)
                    inputs.replaceSubrange(start..<start + latentCount, with: factor)
                } else {
                    inputs[start + column - factorCount] = deviations[column - factorCount]
                }
            }
            let outputs = layer.apply(inputs, rowCount: columns.count, kernel)
            for (place, column) in columns.enumerated() {
                for k in 0..<classCount {
                    result[k * width + column] = outputs[place * classCount + k]
                }
            }
        }
        return result
    }
}

/// A covariance of K logits, B Bᵀ of B's rows.
struct LogitCovariance {
    let classCount: Int
    /// K×K row-major; only the lower triangle is there, the rest is zero.
    private let entries: [Double]

    /// `rows` is B, K×width. Entries are summed in lanes of float32.
    init(rows: [Float], classCount: Int, _ kernel: LogitKernel) {
        self.classCount = classCount
        let width = rows.count / classCount
        var entries = [Double](repeating: 0, count: classCount * classCount)
        for k in 0..<classCount {
            var scores = [Float](repeating: 0, count: k + 1)
            var span = scores.mutableSpan
            kernel.rowScores(
                rows.span, width: width, rows: 0..<k + 1,
                rows.span.extracting(k * width..<(k + 1) * width), into: &span)
            for (column, score) in scores.enumerated() {
                entries[k * classCount + column] = Double(score)
            }
        }
        self.entries = entries
    }

    /// The part of a logit's variance that may be rounding of float32 sums; a remainder below it
    /// counts as zero. A million times less than the variance itself.
    private static let rounding = 0x1p-20

    /// L, lower triangular, row-major. Where B overflowed, L has entries that are not finite.
    func choleskyFactor() -> [Double] {
        let count = classCount
        var factor = entries
        for k in 0..<count {
            for column in 0..<k {
                let product = Self.dot(factor, k * count, column * count, count: column)
                let pivot = factor[column * count + column]
                let rest = factor[k * count + column] - product
                factor[k * count + column] = pivot == 0 ? 0 : rest / pivot
            }
            let product = Self.dot(factor, k * count, k * count, count: k)
            let rest = entries[k * count + k] - product
            let isRounding = rest.isFinite && rest <= entries[k * count + k] * Self.rounding
            factor[k * count + k] = isRounding ? 0 : rest.squareRoot()
        }
        return factor
    }

    private static func dot(_ values: [Double], _ left: Int, _ right: Int, count: Int) -> Double {
        var sum = 0.0
        for index in 0..<count { sum += values[left + index] * values[right + index] }
        return sum
    }
}
