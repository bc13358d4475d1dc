import LogitKernels
import Testing

@testable import Heads

/// Samples of a block of the latent path.
@Suite struct LatentBlockTests {
    private static func blockSize(classes: Int, latents: Int? = nil) -> Int {
        let projection = latents.map { width in
            DenseLayer(
                weights: PackedWeights(
                    [Float](repeating: 0, count: width * classes).span, outputCount: classes,
                    inputCount: width, layout: .outputMajor, format: .float32),
                bias: nil)
        }
        return LatentSampler(
            mean: [], columns: [], diagonalNoise: .shared, projection: projection
        ).blockSize(classCount: classes)
    }

    /// 1 MiB of float32 logits are 2¹⁸.
    @Test func `logits of a block are a mebibyte at most`() {
        for classes in [1, 2730, 2731, 10_000, 32_768] {
            let count = Self.blockSize(classes: classes)
            #expect(count == 96 || count * classes <= 1 << 18)
            #expect(count == 96 || (count + 1) * classes > 1 << 18)
        }
        #expect(Self.blockSize(classes: 2730) == 96 && Self.blockSize(classes: 2731) == 95)
        #expect(Self.blockSize(classes: 32_768) == 8 && Self.blockSize(classes: 100_000) == 8)
    }

    @Test(arguments: -1...1) func `weights beyond the caches get more samples`(excess: Int) {
        let classes = (1 << 14) + excess
        #expect(Self.blockSize(classes: classes, latents: 64) == (excess > 0 ? 96 : 16))
    }
}
