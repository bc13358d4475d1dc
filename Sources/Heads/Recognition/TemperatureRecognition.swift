internal import Glibc

/// The temperature of a heteroscedastic head.
struct TemperatureRecognition {
    let manifest: ModelManifest
    let tensors: TensorTable
    let law: TemperatureLaw

    /// τ, a normal float32 above zero; nil when a key of `model.json` is missing.
    func value() throws(ModelError) -> Float? {
        switch law {
        case .manifest:
            try refuse(.temperatureBounds, "it has no learned temperature")
            return manifest.temperature.map { Float($0) }
        case .bounded(let tensor):
            try refuse(.temperature, "its temperature was learned, within bounds")
            guard let bounds = manifest.temperatureBounds else { return nil }
            let stored = Double(try tensors.values(tensor, shape: [1])[0])
            let share = 1 / (1 + exp(-stored))
            let temperature = Float(bounds[0] + (bounds[1] - bounds[0]) * share)
            guard temperature.isNormal else {
                throw .contradiction(
                    key: ModelManifest.CodingKeys.temperatureBounds.rawValue,
                    reason: "between them the temperature is \(temperature)")
            }
            return temperature
        case .softplus(let tensor):
            let reason = "it stores its own in '\(tensors.prefix)\(tensor)'"
            try refuse(.temperature, reason)
            try refuse(.temperatureBounds, reason)
            let stored = Double(try tensors.values(tensor, shape: [])[0])
            let temperature = Float(max(stored, 0) + log1p(exp(-abs(stored))))
            guard temperature.isNormal else {
                throw .weightRange(
                    tensor: tensors.prefix + tensor, value: stored,
                    reason: "its softplus, the temperature, is \(temperature) in float32")
            }
            return temperature
        }
    }

    /// The keys that `model.json` must give, and the temperature where the checkpoint has it.
    func settings() throws(ModelError) -> [ManifestKeyRule] {
        let value = try value()
        let stored: [ManifestKeyRule] = value.map { [(.temperature, .checkpoint("\($0)"))] } ?? []
        return switch law {
        case .manifest: [(.temperature, .required)]
        case .bounded: [(.temperatureBounds, .required)] + stored
        case .softplus: stored
        }
    }

    private func refuse(
        _ key: ModelManifest.CodingKeys, _ reason: String
    ) throws(ModelError) {
        guard manifest.has(key) else { return }
        throw .contradiction(key: key.rawValue, reason: reason)
    }
}
