import CLogitKernels

/// The principal axes of one row's noise as the classes see it: the first moves the probabilities
/// most. Points of a net whose first coordinates are the most even ones are best laid along them.
///
/// With w the softmax of the mean logits, each shrunk by what the noise takes of it
/// (1 / √(1 + π/8 Σ_r a_kr²)), they are the eigenvectors of G = Σ_k w_k (a_k - ā)(a_k - ā)ᵀ, where
/// ā = Σ_k w_k a_k: what is common to all classes moves none, and classes that nobody asks for
/// count for little. Cost: K·R² / 2 multiply-adds for G, and 6 R³ operations.
package struct PrincipalAxes: Sendable {
    /// Highest rank with axes of its own; beyond it, finding them would cost more than they save.
    package static let maxRank = Int(LOGIT_AXES_MAX_RANK)

    /// Draws of a sample.
    package let rank: Int
    /// One axis a row, rank×rank.
    private let axes: [Float]

    /// The axes of a covariance, rank×rank in its upper triangle; nil if it is not finite.
    init?(covariance: [Double], rank: Int) {
        guard covariance.allSatisfy(\.isFinite),
            let eigen = SymmetricEigenvectors(covariance, size: rank)
        else { return nil }
        self.rank = rank
        axes = eigen.vectors.map { Float($0) }
    }

    /// Turns draws along the axes, S×rank, into draws of the factors: standard normals stay such.
    package func rotate(
        _ draws: Span<Float>, sampleCount: Int, into factors: inout MutableSpan<Float>,
        _ kernel: LogitKernel
    ) {
        let zeros = [Float](repeating: 0, count: rank)
        kernel.affineLogits(
            location: zeros.span, loadings: axes.span, rank: rank, draws: draws,
            sampleCount: sampleCount, into: &factors)
    }
}

extension LogitKernel {
    /// Classes that one part of `principalAxes` takes at least, and parts at most. They depend on
    /// the number of classes alone, as the order of the sums does.
    private static let (leastAxisClasses, maxAxisParts) = (512, 32)

    /// The axes of loadings, rank×K, whose logits have `location` in base 2; `scale` is the
    /// loadings' factor. Nil where there is nothing to choose, the rank is too high, or a number
    /// is too large.
    func principalAxes(
        _ loadings: UnsafeBufferPointer<Float>, rank: Int, scale: Float,
        location: UnsafeBufferPointer<Float>
    ) -> PrincipalAxes? {
        guard (2...PrincipalAxes.maxRank).contains(rank), let rows = loadings.baseAddress else {
            return nil
        }
        let classCount = loadings.count / rank
        let covariance = withScratch(count: classCount) { weights in
            unsafe weights.withUnsafeMutableBufferPointer { weights in
                unsafe weigh(rows, rank, scale, location, weights)
                return unsafe weightedCovariance(rows, rank, UnsafeBufferPointer(weights))
            }
        }
        return PrincipalAxes(covariance: covariance, rank: rank)
    }

    /// Writes the classes' weights, which add up to 1.
    private func weigh(
        _ loadings: UnsafePointer<Float>, _ rank: Int, _ scale: Float,
        _ location: UnsafeBufferPointer<Float>, _ weights: UnsafeMutableBufferPointer<Float>
    ) {
        let count = weights.count
        unsafe table.sampling.shrink_logits(
            loadings, count, rank, count, scale, location.baseAddress, weights.baseAddress)
        var sums = logit_row_sums()
        unsafe table.links.exponentiate(weights.baseAddress, 1, count, &sums)
        unsafe table.links.rescale(weights.baseAddress, count, sums.scale)
    }

    /// The weighted covariance of the classes' loadings, rank×rank in its upper triangle.
    private func weightedCovariance(
        _ loadings: UnsafePointer<Float>, _ rank: Int, _ weights: UnsafeBufferPointer<Float>
    ) -> [Double] {
        let (classCount, size) = (weights.count, rank * (rank + 1))
        let least = Self.leastAxisClasses
        let blocks = (classCount + least - 1) / least
        let width = (blocks + Self.maxAxisParts - 1) / Self.maxAxisParts * least
        let parts = (classCount + width - 1) / width
        var sums = [Double](repeating: 0, count: parts * size)
        let isSmall = classCount * rank * rank < Self.parallelProducts
        unsafe sums.withUnsafeMutableBufferPointer { sums in
            // Parts write disjoint sums, and the pool returns before the pointers expire.
            nonisolated(unsafe) let (target, loadings, weights) = unsafe (
                sums.baseAddress, loadings, weights.baseAddress
            )
            let table = table
            pool.forEach(parts, isSmall: isSmall) { part in
                guard let own = unsafe target.map({ unsafe $0 + part * size }) else { return }
                let first = part * width
                unsafe table.sampling.weigh_loadings(
                    loadings + first, classCount, rank, min(width, classCount - first),
                    weights.map { unsafe $0 + first }, own, own + rank)
            }
        }
        for part in 1..<max(parts, 1) {
            for index in 0..<size { sums[index] += sums[part * size + index] }
        }
        var covariance = Array(sums[rank..<size])
        for row in 0..<rank {
            for column in row..<rank { covariance[row * rank + column] -= sums[row] * sums[column] }
        }
        return covariance
    }
}
