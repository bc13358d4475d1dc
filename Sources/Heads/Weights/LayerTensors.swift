internal import Checkpoints
internal import LogitKernels

/// The tensors of a dense layer by their full names, so that those of a layer below a prefix and
/// one that `model.json` names elsewhere do not mix.
struct LayerTensors: Sendable, Equatable {
    /// The layer's own name; empty for tensors that belong to no module.
    let name: String
    /// [outputs, inputs]; [inputs, outputs] where `layout` is input-major.
    let weight: String
    /// The lengths that weight normalisation gives to the rows of `weight`.
    var magnitude: String?
    /// [outputs], or one number for all; nil where the layer has none.
    var bias: String?
    var layout = PackedWeights.Layout.outputMajor

    var used: Set<String> {
        Set([weight, magnitude, bias].compactMap { $0 })
    }
}

extension TensorTable {
    /// The pairs of tensors that PyTorch keeps in the place of `weight` under weight
    /// normalisation, as a hook and as a parametrisation.
    private static let normalized = [
        (direction: "weight_v", magnitude: "weight_g"),
        (
            direction: "parametrizations.weight.original1",
            magnitude: "parametrizations.weight.original0"
        ),
    ]

    /// The tensors of a PyTorch layer: `name.weight` and `name.bias`; without a name, a lone
    /// `weight` and `bias`. Refuses anything else below the name, because it would change the
    /// layer's outputs, and tensors of the layer that are not read.
    func torchTensors(_ name: String) throws(ModelError) -> LayerTensors {
        let (all, path) = (byFullName, prefix + name)
        let base = name.isEmpty ? prefix : path + "."
        let bias = all.contains(base + "bias") ? base + "bias" : nil
        let pair = Self.normalized.first {
            all.contains(base + $0.direction) && all.contains(base + $0.magnitude)
        }
        let layer =
            if let pair, !all.contains(base + "weight") {
                LayerTensors(
                    name: path, weight: base + pair.direction, magnitude: base + pair.magnitude,
                    bias: bias)
            } else {
                LayerTensors(name: path, weight: base + "weight", bias: bias)
            }
        try all.refuseUnused(below: base, besides: layer.used)
        return layer
    }

    /// Refuses tensors below `base` (which ends with its separator) that are not `used`. Where
    /// `base` is empty, other tensors and modules may lie beside a head that has no name: of these
    /// only those are refused that are known to change a layer.
    func refuseUnused(below base: String, besides used: Set<String>) throws(ModelError) {
        var unused: [(name: String, addition: LayerAddition?)] = []
        for name in names(below: base) {
            let own = name.without(prefix)
            guard !used.contains(own), !isScale(own, of: used) else { continue }
            let part = own.without(base)
            let isNumber = checkpoint[name]?.elementCount == 1
            let addition = LayerAddition(part, isNumber: isNumber)
            if base.isEmpty, !isPart(part, addition, of: used) { continue }
            if checkpoint.unreadTensor(named: name) != nil { throw missing(own) }
            unused.append((name, addition))
        }
        let kinds = LayerAddition.allCases
        let telling = kinds.lazy.compactMap { kind in unused.first { $0.addition == kind } }.first
        guard let (name, addition) = telling ?? unused.first else { return }
        throw .unexpectedTensor(name: name, reason: addition?.reason ?? LayerAddition.unknownReason)
    }

    /// Whether a tensor beside a layer without a name is the layer's: one that changes a layer, one
    /// in a module that only layers have, or one below the name of a tensor that is used.
    private func isPart(_ name: String, _ addition: LayerAddition?, of used: Set<String>) -> Bool {
        guard let end = name.firstIndex(where: { $0 == "." || $0 == "/" }) else {
            return addition != nil
        }
        let module = String(name[..<end])
        return LayerAddition.isModule(module) || used.contains(module)
    }

    /// Whether a tensor holds the scales of one that is used and stored in int8.
    func isScale(_ name: String, of used: Set<String>) -> Bool {
        guard name.hasSuffix(WeightScales.nameSuffix) else { return false }
        let matrix = String(name.dropLast(WeightScales.nameSuffix.count))
        return used.contains(matrix) && checkpoint[prefix + matrix]?.elementType == .int8
    }

    /// The sizes of a layer, the shapes of its tensors checked against one another.
    func layerShape(
        _ layer: LayerTensors, inputs: Int? = nil, outputs: Int? = nil
    ) throws(ModelError) -> LayerShape {
        let (all, isOutputMajor) = (byFullName, layer.layout == .outputMajor)
        let shape = try all.weightShape(layer.weight, rank: 2)
        try all.require(
            isOutputMajor ? [outputs, inputs] : [inputs, outputs], layer.weight, shape)
        let (rows, columns) = (shape[0], shape[1])
        let outputCount = isOutputMajor ? rows : columns
        if let bias = layer.bias {
            try all.require(bias, shape: all.shape(bias) == [] ? [] : [outputCount])
        }
        let magnitudes = try layer.magnitude.map { (name) throws(ModelError) in
            try WeightNorm.Axis(of: name, in: all, rows: rows, columns: columns)
                .count(rows: rows, columns: columns)
        }
        return LayerShape(
            name: ownName(layer.name), kernel: ownName(layer.weight),
            inputCount: isOutputMajor ? columns : rows, outputCount: outputCount,
            hasBias: layer.bias != nil, magnitudeCount: magnitudes ?? 0)
    }

    /// The layer with its weights, all finite.
    func denseLayer(
        _ layer: LayerTensors, inputs: Int? = nil, outputs: Int? = nil
    ) throws(ModelError) -> DenseLayer {
        let shape = try layerShape(layer, inputs: inputs, outputs: outputs)
        return DenseLayer(
            weights: try byFullName.packed(
                layer.weight, outputCount: shape.outputCount, inputCount: shape.inputCount,
                layout: layer.layout
            ) { body throws(ModelError) in
                try forEachRows(of: layer, shape, body)
            },
            bias: try biases(layer, count: shape.outputCount))
    }

    /// The biases of a layer, or nil; one number stands for all.
    func biases(_ layer: LayerTensors, count: Int) throws(ModelError) -> [Float]? {
        guard let bias = layer.bias else { return nil }
        let all = byFullName
        guard all.shape(bias) == [] else { return try all.values(bias, shape: [count]) }
        return [Float](repeating: try all.values(bias, shape: [])[0], count: count)
    }

    /// Calls `body` with the weights of a layer as it computes with them, some whole rows of the
    /// stored matrix at a time.
    func forEachRows(
        of layer: LayerTensors, _ shape: LayerShape, _ body: (Span<Float>) -> Void
    ) throws(ModelError) {
        let width = layer.layout == .outputMajor ? shape.inputCount : shape.outputCount
        let all = byFullName
        guard let norm = try weightNorm(of: layer, width: width) else {
            return try all.forEachRows(of: layer.weight, width: width, layer.layout, body)
        }
        try all.forEachRows(of: layer.weight, width: width, norm, body)
    }
}
