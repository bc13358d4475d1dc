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
        let levels = try levels(layout, radix, featureCount: group.inputCount)
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
        let classes = manifest.classes ?? rows
        guard let radix = MixedRadix(sizes: sizes, classCount: classes), classes <= rows else {
            throw .contradiction(
                key: "classes", reason: "\(classes) labels, \(rows) embeddings, heads \(sizes)")
        }
        return radix
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

    // MARK: Levels

    private func levels(
        _ layout: CascadeLayout, _ radix: MixedRadix, featureCount: Int
    ) throws(ModelError) -> [CascadeLevel] {
        var levels: [CascadeLevel] = []
        var codes = radix.sizes[0]
        for (index, level) in layout.levels.enumerated() {
            let hidden = try tensors.torchLayer(level.hidden, inputs: featureCount)
            codes *= radix.sizes[index + 1]
            let isLast = index + 1 == layout.levels.count
            let table = try embedding(
                level.embedding, width: hidden.outputCount, codes: codes,
                classes: isLast ? radix.classCount : nil, mayBePadded: layout.mayBePadded)
            levels.append(
                CascadeLevel(hidden: hidden, embedding: table, size: radix.sizes[index + 1]))
        }
        return levels
    }

    /// The table of a level. Rows may stop short of the codes only at the last level; one row
    /// beyond the labels of a ragged table is the padding id of the multi-GPU code, no label.
    private func embedding(
        _ name: String, width: Int, codes: Int, classes: Int?, mayBePadded: Bool
    ) throws(ModelError) -> ScoreTable {
        let shape = try tensors.shape(name + ".weight", rank: 2)
        let expected = classes ?? codes
        guard shape[1] == width, shape[0] >= expected, shape[0] <= codes else {
            throw .tensorShape(
                name: tensors.prefix + name + ".weight", found: shape,
                expected: "[\(expected)...\(codes), \(width)]")
        }
        let isPadded = shape[0] == expected + 1 && (mayBePadded || shape[0] < codes)
        return try tensors.scoreTable(
            name + ".weight", rowCount: isPadded ? expected : shape[0])
    }
}
