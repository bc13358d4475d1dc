internal import LogitKernels
internal import Predictions

/// A head whose instances are scaled to unit Euclidean length first, before a `pre_logits` layer.
/// An instance of zeros stays as it is; the zeros of a sparse one are not written out.
struct UnitInputHead: Head {
    let base: any Head

    var summary: HeadSummary { base.summary }

    func predict(_ batch: FeatureBatch, _ context: ComputeContext) -> [RowOutcome] {
        var rows = batch.rows
        rows.modifyRows(UnitRows.normalize)
        return base.predict(FeatureBatch(rows: rows, options: batch.options), context)
    }
}
