/// The dense layers of a module whose parts have numbers: a sequence, each of whose layers takes
/// the outputs of the one before, or a list.
struct NumberedLayers: Sendable {
    /// In the order of the numbers; at least one.
    private(set) var layers: [(number: Int, layer: TorchLayer)]

    /// The numbered layers of each module, by its path.
    static func byModule(_ layers: [TorchLayer]) -> [String: NumberedLayers] {
        var found: [String: NumberedLayers] = [:]
        for layer in layers {
            guard let number = Int(layer.path.lastPart) else { continue }
            let module = layer.path.parentPath
            found[module, default: NumberedLayers(layers: [])].layers.append((number, layer))
        }
        return found.mapValues { numbered in
            NumberedLayers(layers: numbered.layers.sorted { $0.number < $1.number })
        }
    }

    /// Whether each layer could take the outputs of the one before.
    var isSequence: Bool {
        zip(layers, layers.dropFirst()).allSatisfy { first, second in
            guard let outputs = first.layer.shape?.first, let inputs = second.layer.shape?.last
            else { return true }
            return outputs == inputs
        }
    }

    /// Whether there are several layers that all take the same inputs, and that cannot be a
    /// sequence.
    var isList: Bool {
        layers.count > 1 && !isSequence
            && layers.allSatisfy { $0.layer.shape?.last == layers[0].layer.shape?.last }
    }
}
