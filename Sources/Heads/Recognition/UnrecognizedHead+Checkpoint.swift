internal import Checkpoints

extension UnrecognizedHead {
    init(_ checkpoint: Checkpoint) {
        let found = HeadHint.matrices(of: checkpoint)
        self.init(
            path: checkpoint.path, names: checkpoint.tensors.map(\.name),
            matrices: found.suffix(Self.maxListed).map(Self.place), unread: checkpoint.unread,
            advice: Self.advice(HeadHint(found, in: checkpoint)),
            defect: Self.loneArray(checkpoint) ?? Self.convolution(checkpoint))
    }

    private static func place(_ tensor: Tensor) -> HeadPlace {
        HeadPlace(name: tensor.name, shape: tensor.shape)
    }

    private static func advice(_ hint: HeadHint?) -> String {
        switch hint?.advice {
        case .members(let members)?:
            " If one of them is the head, say in model.json which: {\(members), \"head\": "
                + "\"dense\", …}"
        case .save(let text)?: " \(text.prefix(1).uppercased() + text.dropFirst())"
        case nil: ""
        }
    }

    /// The defect of an array that is a file by itself.
    private static func loneArray(_ checkpoint: Checkpoint) -> String? {
        guard checkpoint.tensors.count == 1, let array = checkpoint.tensors.first,
            array.name.isEmpty
        else { return nil }
        return "its only array has shape \(array.shape), expected a matrix [labels, width]"
            + (HeadLayerCheck.remedy(array.shape).map { "; \($0)" } ?? "")
    }

    /// The defect of heads that are convolutions of one pixel.
    private static func convolution(_ checkpoint: Checkpoint) -> String? {
        let found = checkpoint.tensors.filter { tensor in
            HeadLayerCheck.matrix(ofPixel: tensor.shape) != nil
                && tensor.name.split { $0 == "." || $0 == "/" }.dropLast()
                    .contains { LayerNames.heads.contains(String($0)) }
        }.suffix(maxListed).map(place)
        guard let shape = found.last?.shape, let remedy = HeadLayerCheck.remedy(shape) else {
            return nil
        }
        return "\(HeadPlace.list(found)) \(found.count == 1 ? "has" : "have") a head's name; "
            + remedy
    }
}
