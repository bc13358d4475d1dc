import Heads
import LogitKernels

/// The standard-normal draws a reference run used: `factor_noise` [B,S,R], `diag_noise` [B,S,N].
struct RecordedDraws: NoiseSource {
    let factors: [Float]
    let diagonal: [Float]
    let sampleCount: Int
    let factorCount: Int
    let diagonalCount: Int

    init(_ truth: Truth) throws {
        let shape = try truth.shape("diag_noise")
        diagonal = try truth.floats("diag_noise")
        sampleCount = shape[1]
        diagonalCount = shape[2]
        factors = truth.has("factor_noise") ? try truth.floats("factor_noise") : []
        factorCount = truth.has("factor_noise") ? try truth.shape("factor_noise")[2] : 0
    }

    func fill(_ draws: inout MutableSpan<Float>, _ block: DrawBlock, kernel: LogitKernel) {
        precondition(block.dimensionCount == factorCount + diagonalCount)
        var index = 0
        for sample in block.firstSample..<block.firstSample + block.sampleCount {
            let position = block.row * sampleCount + sample
            for factor in 0..<factorCount {
                draws[index] = factors[position * factorCount + factor]
                index += 1
            }
            for dimension in 0..<diagonalCount {
                draws[index] = diagonal[position * diagonalCount + dimension]
                index += 1
            }
        }
    }
}
