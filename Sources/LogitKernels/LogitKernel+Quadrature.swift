import CLogitKernels
import Synchronization

/// The laws of some labels' probabilities over normal noise.
package struct LabelLaws: Sendable {
    /// Means.
    package var probabilities: [Double]
    package var variances: [Double]
    /// Means of the binary entropies, in nats.
    package var entropies: [Float]
}

extension LogitKernel {
    /// Deviation of a logit that `labelLaws` integrates over, at most.
    package static let maxLabelDeviation = Float(LOGIT_MAX_DEVIATION)

    /// Labels that one thread integrates before it asks whether it may go on: some 3 ms at the
    /// largest deviation. A multiple of the 16 labels that share a step.
    private static let labelsAtOnce = 1024

    /// The law of sigmoid(m + s z), z standard normal, for each label's m and s, which are finite:
    /// means and deviations within 2⁻²¹, by the trapezoid rule with 32·ceil(s / 2) nodes. A
    /// deviation counts as at most `maxLabelDeviation`. Nil if `isWanted` returned false meanwhile.
    package func labelLaws(
        means: Span<Float>, deviations: Span<Float>, isWanted: @Sendable () -> Bool
    ) -> LabelLaws? {
        precondition(means.count == deviations.count, "a deviation for each mean")
        let count = means.count
        var laws = LabelLaws(
            probabilities: [Double](repeating: 0, count: count),
            variances: [Double](repeating: 0, count: count),
            entropies: [Float](repeating: 0, count: count))
        let isComplete = Atomic(true)
        unsafe means.withUnsafeBufferPointer { means in
            unsafe deviations.withUnsafeBufferPointer { deviations in
                unsafe laws.withPointers { laws in
                    unsafe integrate(means, deviations, laws) {
                        guard isComplete.load(ordering: .relaxed), isWanted() else {
                            isComplete.store(false, ordering: .relaxed)
                            return false
                        }
                        return true
                    }
                }
            }
        }
        return isComplete.load(ordering: .relaxed) ? laws : nil
    }

    private func integrate(
        _ means: UnsafeBufferPointer<Float>, _ deviations: UnsafeBufferPointer<Float>,
        _ laws: LabelLaws.Pointers, while goesOn: @Sendable () -> Bool
    ) {
        let (count, table) = (means.count, table)
        let parts = (count + Self.labelsAtOnce - 1) / Self.labelsAtOnce
        // Parts write disjoint labels, and the pool returns before the pointers expire.
        nonisolated(unsafe) let (means, deviations, laws) = unsafe (
            means.baseAddress, deviations.baseAddress, laws
        )
        pool.forEach(parts, isSmall: count * 32 < Self.parallelExponentials) { part in
            guard goesOn() else { return }
            let first = part * Self.labelsAtOnce
            unsafe table.quadrature.label_laws(
                means.map { unsafe $0 + first }, deviations.map { unsafe $0 + first },
                min(Self.labelsAtOnce, count - first), laws.probabilities.map { unsafe $0 + first },
                laws.variances.map { unsafe $0 + first }, laws.entropies.map { unsafe $0 + first })
        }
    }

    /// Writes scale · √(variances[k] + Σ_r rows[r,k]²) for each class k, the sum in double; `rows`
    /// is n×K, and without `variances` they are zero. Runs on the calling thread.
    package func deviations(
        rows: Span<Float>, variances: [Double]?, scale: Float,
        into deviations: inout MutableSpan<Float>
    ) {
        let classCount = deviations.count
        precondition(classCount > 0 && rows.count % classCount == 0, "rows are not n×K")
        if let variances { precondition(variances.count == classCount, "variances are not K") }
        unsafe rows.withUnsafeBufferPointer { rows in
            unsafe deviations.withUnsafeMutableBufferPointer { deviations in
                if let variances {
                    unsafe variances.withUnsafeBufferPointer { variances in
                        unsafe table.quadrature.deviations(
                            rows.baseAddress, classCount, rows.count / classCount,
                            variances.baseAddress, classCount, scale, deviations.baseAddress)
                    }
                } else {
                    unsafe table.quadrature.deviations(
                        rows.baseAddress, classCount, rows.count / classCount, nil, classCount,
                        scale, deviations.baseAddress)
                }
            }
        }
    }

    /// Σ_d w[k,d]² · factors[d] for each output k, summed in float in the order of d. Ranges of
    /// outputs are shared out to the threads.
    package func squaredWeights(_ weights: PackedWeights, factors: Span<Float>) -> [Float] {
        precondition(factors.count == weights.inputCount, "a factor for each input")
        let parts = TileSplit(
            classCount: weights.outputCount, rowCount: 1, productsPerOutput: weights.inputCount,
            threadCount: pool.threadCount)
        return [Float](count: weights.outputCount) { output in
            unsafe output.withUnsafeMutableBufferPointer { output in
                unsafe factors.withUnsafeBufferPointer { factors in
                    unsafe weights.withKernelWeights { weights in
                        unsafe squareTiles(
                            parts, factors.baseAddress, weights, output.baseAddress)
                    }
                }
            }
        }
    }

    private func squareTiles(
        _ parts: TileSplit, _ factors: UnsafePointer<Float>?,
        _ weights: UnsafePointer<logit_weights>, _ output: UnsafeMutablePointer<Float>?
    ) {
        let table = table
        // Tiles write disjoint parts of `output`, and the pool returns before the pointers expire.
        nonisolated(unsafe) let (factors, weights, output) = unsafe (factors, weights, output)
        pool.forEach(parts.count) { part in
            let (tile, _) = parts[part]
            unsafe table.quadrature.squared_weights(
                factors, weights, tile.lowerBound, tile.count,
                output.map { unsafe $0 + tile.lowerBound })
        }
    }
}

extension LabelLaws {
    @unsafe fileprivate struct Pointers {
        let probabilities: UnsafeMutablePointer<Double>?
        let variances: UnsafeMutablePointer<Double>?
        let entropies: UnsafeMutablePointer<Float>?
    }

    fileprivate mutating func withPointers(_ body: (Pointers) -> Void) {
        unsafe probabilities.withUnsafeMutableBufferPointer { probabilities in
            unsafe variances.withUnsafeMutableBufferPointer { variances in
                unsafe entropies.withUnsafeMutableBufferPointer { entropies in
                    unsafe body(
                        Pointers(
                            probabilities: probabilities.baseAddress,
                            variances: variances.baseAddress, entropies: entropies.baseAddress))
                }
            }
        }
    }
}
