internal import Predictions

extension CascadeRecognition {
    func facts() throws(ModelError) -> HeadFacts {
        let layout = try layout()
        let group = try tensors.torchLayerShape(layout.group)
        let radix = try radix(layout, groupCount: group.outputCount)
        let rows = try embeddingRows(layout)
        let features = group.inputCount
        let levels = try levelShapes(layout, radix, featureCount: features)
        return HeadFacts(
            origin: "Anoise/MHE", rule: rule(layout),
            settings: settings(layout, rows: rows, groupCount: group.outputCount),
            sizes: HeadSizes(
                inputCount: try PreLogitsRecognition(manifest: manifest, tensors: tensors)
                    .torchInputCount(featureCount: features),
                featureCount: features, classCount: radix?.classCount, heads: radix?.sizes),
            parameterCount: levels.reduce(group.parameterCount) { $0 + $1.parameterCount },
            comparison: radix.flatMap { .dense(featureCount: features, classCount: $0.classCount) })
    }

    private func rule(_ layout: CascadeLayout) -> String {
        let levels = layout.levels.map { "`\($0.hidden).weight` and `\($0.embedding).weight`" }
        return "`\(layout.group).weight` with " + levels.joined(separator: ", ")
            + ": a cascade of \(layout.levels.count + 1) levels"
    }

    private func settings(
        _ layout: CascadeLayout, rows: [Int], groupCount: Int
    ) -> [ManifestKeyRule] {
        let sizes = Self.sizes(rows, groupCount)
        let isLabelCount = sizes != nil && !layout.mayBePadded
        let task = manifest.task ?? layout.task
        // With `heads` given, a table that does not divide ends where the labels do.
        let mayCountRows = isLabelCount || (manifest.heads != nil && !layout.mayBePadded)
        return [
            (.heads, sizes.map { .checkpoint("\($0)") } ?? .required),
            (.classes, mayCountRows ? .checkpoint("\(rows[rows.count - 1])") : .required),
            (.task, .checkpoint(layout.task.rawValue)),
            (.headActivation, .defaultValue(Self.activation(task).rawValue)),
            (.beam, .defaultValue("\(groupCount)")),
        ]
    }
}
