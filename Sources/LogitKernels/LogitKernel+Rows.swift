import CLogitKernels

/// By-products of `LogitKernel.softmax` for a row, in nats.
package struct SoftmaxSummary: Sendable {
    /// ln Σ_k exp(logit_k).
    package var logSumExp: Double
    /// -Σ_k p_k ln p_k, computed from the logits, not from the rounded probabilities.
    package var entropy: Double
}

extension LogitKernel {
    /// Turns logits into probabilities in place; `row` has at least one value.
    ///
    /// The relative error of a probability is at most 2⁻²² + 2⁻²⁴ (1 + |l - max l| + ln K); below
    /// e⁻⁸⁷·³³ of the largest it is 0. Infinite logits count as the largest finite floats, NaN as
    /// -infinity, so that the result is a distribution for every input.
    package func softmax(_ row: inout MutableSpan<Float>) -> SoftmaxSummary {
        precondition(!row.isEmpty, "a distribution needs a class")
        return unsafe row.withUnsafeMutableBufferPointer { row in
            var sums = logit_row_sums()
            unsafe table.links.exponentiate(row.baseAddress, 1, row.count, &sums)
            unsafe table.links.rescale(row.baseAddress, row.count, sums.scale)
            return SoftmaxSummary(logSumExp: sums.log_sum_exp, entropy: sums.entropy)
        }
    }

    /// ln Σ_k exp(logit_k) of a row with at least one value, within 2⁻²¹ if all are finite.
    package func logSumExp(_ row: Span<Float>) -> Double {
        precondition(!row.isEmpty, "a sum needs a term")
        let scratch = shelf.take(byteCount: row.count * MemoryLayout<Float>.stride)
        defer { shelf.put(scratch) }
        let copy = unsafe scratch.values(Float.self, at: 0, count: row.count)
        _ = unsafe row.withUnsafeBufferPointer { unsafe copy.update(fromContentsOf: $0) }
        var sums = logit_row_sums()
        unsafe table.links.exponentiate(copy.baseAddress, 1, row.count, &sums)
        return sums.log_sum_exp
    }

    /// 1 / (1 + e⁻ˣ) in place, within 3 ulp; 0 below -87.33.
    package func sigmoid(_ row: inout MutableSpan<Float>) {
        unsafe map(&row, table.maps.sigmoid)
    }

    /// tanh x in place, within 3 ulp.
    package func tanh(_ values: inout MutableSpan<Float>) {
        unsafe map(&values, table.maps.tanh)
    }

    /// max(x, 0) in place.
    package func relu(_ values: inout MutableSpan<Float>) {
        unsafe map(&values, table.maps.relu)
    }

    /// x Φ(x) in place, Φ the normal distribution function, within 10 ulp and above zero within 4;
    /// 0 below -13.2. It is the exact form, with erf, and not the one with tanh.
    package func gelu(_ values: inout MutableSpan<Float>) {
        unsafe map(&values, table.maps.gelu)
    }

    /// ln(1 + eˣ) in place, within 3 ulp; 0 below -87.33, equal to x far above zero.
    package func softplus(_ values: inout MutableSpan<Float>) {
        unsafe map(&values, table.maps.softplus)
    }

    /// eˣ in place, within 1 ulp on -87.33...88.72; 0 below, constant (finite) above.
    package func exp(_ values: inout MutableSpan<Float>) {
        unsafe map(&values, table.maps.exp)
    }

    /// ln x in place, within 1 ulp, for normal positive x only.
    package func log(_ values: inout MutableSpan<Float>) {
        unsafe map(&values, table.maps.log)
    }

    private func map(
        _ values: inout MutableSpan<Float>,
        _ function: @convention(c) (UnsafeMutablePointer<Float>?, Int) -> Void
    ) {
        unsafe values.withUnsafeMutableBufferPointer { values in
            unsafe function(values.baseAddress, values.count)
        }
    }
}
