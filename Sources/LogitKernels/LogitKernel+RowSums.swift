import CLogitKernels
import Glibc

/// The link of a row of logits, and the factor that every logit is multiplied by before it.
package struct RowLink: Sendable {
    package let link: SampleMoments.Link
    /// Finite and positive.
    package let scale: Float

    package init(_ link: SampleMoments.Link, scale: Float = 1) {
        precondition(scale.isFinite && scale > 0, "a scale that keeps the order of logits")
        (self.link, self.scale) = (link, scale)
    }

    var kernelLink: logit_link { link == .softmax ? LOGIT_SOFTMAX : LOGIT_SIGMOID }
}

/// The sums of a row of logits after one reading, from which the probability of any class follows.
/// Errors are those of `softmax` and `sigmoid`.
package struct RowSums: Sendable {
    /// The entropy of the row's distribution, or the sum over its classes' distributions; in nats.
    package let entropy: Double
    /// The largest scaled logit.
    let maximum: Float
    /// The factor that turns exp(l - maximum) into a probability.
    let normalizer: Double
    package let link: RowLink

    /// The part that some logits of a row have of its distribution; these are their sums. Tells
    /// parts however small as precisely as the sums are, for a softmax.
    package func share(of row: RowSums) -> Double {
        let scale = exp(Double(maximum) - Double(row.maximum))
        return min(1, scale * row.normalizer / normalizer)
    }
}

extension LogitKernel {
    /// Classes of one entry of `RowDigests.panelMaxima`.
    package static let panelClassCount = panelWidth

    /// The probabilities of some logits of a row. Each depends on its own logit and the sums alone.
    package func probabilities(
        of logits: Span<Float>, _ sums: RowSums, into output: inout MutableSpan<Float>
    ) {
        precondition(output.count == logits.count, "unequal counts")
        unsafe logits.withUnsafeBufferPointer { logits in
            unsafe output.withUnsafeMutableBufferPointer { output in
                unsafe table.links.probabilities(
                    logits.baseAddress, logits.count, sums.link.kernelLink, sums.link.scale,
                    sums.maximum, sums.normalizer, output.baseAddress)
            }
        }
    }
}
