import LogitKernels

@testable import Heads

extension RowRanking {
    /// The ranking of a row by itself; nil when a logit of it is not finite.
    init?(_ logits: Span<Float>, _ link: RowLink, _ kernel: LogitKernel) {
        self.init(kernel.digests(of: logits, rowCount: 1, link), 0, kernel)
    }
}
