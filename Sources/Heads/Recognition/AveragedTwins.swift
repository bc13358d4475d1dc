internal import Checkpoints

/// Averages of a head's weights that lie beside it where no layer has a head's name: in a list
/// (`ema.shadow_params.7`), under names without their dots (`model_ema.fcweight`) or beside the
/// layer (`fc_ema.weight`). Training keeps them to serve them, so neither is chosen silently.
struct AveragedTwins {
    /// Words of a name, in lower case, that say that a tensor is an average over training.
    private static let words: Set<String> = [
        "average", "averaged", "avg", "ema", "polyak", "shadow", "swa",
    ]

    private let checkpoint: Checkpoint

    init(_ checkpoint: Checkpoint) { self.checkpoint = checkpoint }

    /// Refuses a head at `place`, with these layers, beside a tensor of its shape whose name says
    /// that it is an average, where the head's own name does not.
    func refuse(beside place: HeadPlace, layers: [String]) throws(ModelError) {
        guard let shape = place.shape, shape.count > 1, !Self.isAverage(place.name) else { return }
        let twin = checkpoint.tensors.first { tensor in
            tensor.shape == shape && Self.isAverage(tensor.name)
                && !HeadPlaces.isTraining(tensor.name)
                && !layers.contains { !$0.isEmpty && tensor.name.isBelow($0) }
        }
        guard let twin else { return }
        throw .missingManifestKeys(
            keys: [ModelManifest.CodingKeys.prefix.rawValue],
            reason: "beside the head at \(place) there are averaged weights of its shape, "
                + "'\(twin.name)'; \"prefix\": \"\(place.name)\" chooses the head, and another "
                + "'prefix' or 'tensors' the averaged ones")
    }

    private static func isAverage(_ name: String) -> Bool {
        name.split { $0 == "." || $0 == "/" || $0 == "_" }
            .contains { words.contains($0.lowercased()) }
    }
}
