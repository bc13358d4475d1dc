internal import Heads
internal import InferenceAPI

extension FeatureRows {
    /// A request's rows, shared with it.
    init(_ instances: InstanceRows) {
        self.init(
            width: instances.width, dense: instances.dense, columns: instances.columns,
            values: instances.values, sparseCounts: instances.sparseCounts)
    }

    /// Rows `rows` of all sources one after the other; a source that is all of it is shared.
    static func joined(_ sources: [FeatureRows], rows: Range<Int>) -> FeatureRows {
        if sources.count == 1, rows == 0..<sources[0].count { return sources[0] }
        var joined = FeatureRows(width: sources[0].width)
        var first = 0
        for source in sources {
            let wanted = rows.clamped(to: first..<first + source.count)
            joined.append(source, rows: wanted.lowerBound - first..<wanted.upperBound - first)
            first += source.count
        }
        return joined
    }
}
