/// The dense layers of a module whose parts have numbers: a sequence, each of whose layers takes
/// the outputs of the one before, or a list.
struct NumberedLayers: Sendable {
    /// In the order of the numbers; at least one.
    let layers: [(number: Int, layer: TorchLayer)]
    /// Whether each layer could take the outputs of the one before.
    let isSequence: Bool
    /// Whether there are several layers that all take the same inputs, and that cannot be a
    /// sequence.
    let isList: Bool

    private init(_ found: [(number: Int, layer: TorchLayer)]) {
        layers = found.sorted { $0.number < $1.number }
        let shapes = layers.map(\.layer.shape)
        isSequence = zip(shapes, shapes.dropFirst()).allSatisfy { first, second in
            guard let outputs = first?.first, let inputs = second?.last else { return true }
            return outputs == inputs
        }
        isList =
            shapes.count > 1 && !isSequence && shapes.allSatisfy { $0?.last == shapes[0]?.last }
    }

    /// The numbered layers of each module, by its path.
    static func byModule(_ layers: [TorchLayer]) -> [String: NumberedLayers] {
        var found: [String: [(number: Int, layer: TorchLayer)]] = [:]
        for layer in layers {
            guard let number = Int(layer.path.lastPart) else { continue }
            found[layer.path.parentPath, default: []].append((number, layer))
        }
        return found.mapValues { NumberedLayers($0) }
    }
}
