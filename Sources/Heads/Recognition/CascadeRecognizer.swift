internal import Checkpoints
internal import LogitKernels
internal import Predictions

/// The names that one family of MHC modules uses.
struct CascadeLayout {
    let group: String
    /// The hidden layer and the embedding of each level below the groups.
    let levels: [(hidden: String, embedding: String)]
    /// The task the family was trained for.
    let task: Task
    /// Whether the last embedding may be a padding id, which is not a label.
    var mayBePadded = false
}

/// Recognises MHC heads: CIFAR and ImageNet modules with two or three levels, and the text models
/// of the single- and multi-GPU code.
struct CascadeRecognizer: HeadRecognizer {
    func candidates(in places: HeadPlaces) throws(ModelError) -> [any RecognizedHead] {
        let manifest = places.manifest
        guard manifest.head ?? .mhc == .mhc else { return [] }
        let groups = Set(CascadeRecognition.layouts.map { $0.group + ".weight" })
        let found = places.names.flatMap { name in
            groups.compactMap { places.table(name, before: $0, separator: ".") }
        }.filter { CascadeRecognition.layout(in: $0) != nil }
        let named = places.named(found, path: \.prefix).map {
            CascadeRecognition(manifest: manifest, tensors: $0)
        }
        guard named.isEmpty, manifest.head == .mhc else { return named }
        return [CascadeRecognition(manifest: manifest, tensors: places.torch)]
    }
}

/// An MHC head. Its names are those of no other kind.
struct CascadeRecognition: RecognizedHead {
    let kind = HeadKind.mhc
    let isCertain = true
    let manifest: ModelManifest
    let tensors: TensorTable

    var place: HeadPlace {
        let group = (Self.layout(in: tensors)?.group ?? "group") + ".weight"
        return HeadPlace(name: tensors.prefix + group, shape: tensors.shape(group))
    }

    var layers: [String] {
        let layout = Self.layout(in: tensors)
        let levels = layout?.levels.flatMap { [$0.hidden, $0.embedding] } ?? []
        return ([layout?.group ?? "group"] + levels).map { tensors.prefix + $0 }
    }

    static let layouts = [
        CascadeLayout(
            group: "group", levels: [("classifier1", "embed1"), ("classifier2", "embed2")],
            task: .singleLabel),
        CascadeLayout(
            group: "group", levels: [("classifier", "embed")], task: .singleLabel),
        CascadeLayout(group: "l0", levels: [("l1", "embed")], task: .multiLabel),
        CascadeLayout(
            group: "group_classifer", levels: [("sub_classifer", "embedding")],
            task: .multiLabel, mayBePadded: true),
    ]

    /// The first layout whose every weight is there.
    static func layout(in tensors: TensorTable) -> CascadeLayout? {
        layouts.first { layout in
            tensors.contains(layout.group + ".weight")
                && layout.levels.allSatisfy {
                    tensors.contains($0.hidden + ".weight")
                        && tensors.contains($0.embedding + ".weight")
                }
        }
    }

    func layout() throws(ModelError) -> CascadeLayout {
        guard let layout = Self.layout(in: tensors) else {
            throw .missingTensor(name: tensors.prefix + "group.weight")
        }
        return layout
    }

    /// The activation where `model.json` does not name one.
    static func activation(_ task: Task) -> HeadActivation {
        task == .multiLabel ? .sigmoid : .softmax
    }

    func head() throws(ModelError) -> any Head {
        let layout = try layout()
        let group = try tensors.torchLayer(layout.group)
        guard let radix = try radix(layout, groupCount: group.outputCount) else {
            throw .incomplete(try report())
        }
        let levels = try levels(levelShapes(layout, radix, featureCount: group.inputCount), radix)
        let task = manifest.task ?? layout.task
        return CascadeHead(
            cascade: Cascade(
                group: group, levels: levels, radix: radix,
                activation: manifest.headActivation ?? Self.activation(task), task: task,
                beam: manifest.beam ?? group.outputCount),
            preLogits: try PreLogitsRecognition(manifest: manifest, tensors: tensors)
                .torchLayer(featureCount: group.inputCount))
    }

    // MARK: Sizes

    /// The codes of the cascade; nil where neither the tables nor `model.json` show them.
    func radix(_ layout: CascadeLayout, groupCount: Int) throws(ModelError) -> MixedRadix? {
        let rowCounts = try embeddingRows(layout)
        guard let sizes = manifest.heads ?? Self.sizes(rowCounts, groupCount) else { return nil }
        guard sizes.count == rowCounts.count + 1, sizes[0] == groupCount else {
            throw .contradiction(
                key: "heads",
                reason: "it has \(groupCount) groups and \(rowCounts.count + 1) levels")
        }
        if layout.mayBePadded, manifest.classes == nil { return nil }
        let rows = rowCounts[rowCounts.count - 1]
        guard let classes = manifest.classes else {
            // The table has a row for each label, so that too few codes are the fault of `heads`.
            guard MixedRadix.codeCount(sizes).map({ rows > $0 }) ?? false else {
                return try MixedRadix.of(sizes, classCount: rows)
            }
            throw .contradiction(
                key: "heads",
                reason: "\(sizes) make fewer codes than '\(tableName(layout))' has embeddings, "
                    + "\(rows)")
        }
        let radix = try MixedRadix.of(sizes, classCount: classes)
        guard classes <= rows else {
            throw .contradiction(
                key: "classes",
                reason: "it is \(classes), but '\(tableName(layout))' has \(rows) embeddings")
        }
        return radix
    }

    /// The full name of the table of the last level.
    private func tableName(_ layout: CascadeLayout) -> String {
        tensors.prefix + layout.levels[layout.levels.count - 1].embedding + ".weight"
    }

    func embeddingRows(_ layout: CascadeLayout) throws(ModelError) -> [Int] {
        var rows: [Int] = []
        for level in layout.levels {
            let name = level.embedding + ".weight"
            try tensors.refuseUnused(below: level.embedding + ".", besides: [name])
            rows.append(try tensors.weightShape(name, rank: 2)[0])
        }
        return rows
    }

    /// Equal groups show their sizes; ragged ones do not.
    static func sizes(_ rowCounts: [Int], _ groupCount: Int) -> [Int]? {
        var sizes = [groupCount]
        var codes = groupCount
        for rows in rowCounts {
            guard rows.isMultiple(of: codes) else { return nil }
            sizes.append(rows / codes)
            codes = rows
        }
        return sizes
    }
}
