internal import Predictions

/// The step from the outputs of a dense layer to the logits of its link, by the keys `scale`,
/// `temperature` and `bias` of `model.json`: y · scale / temperature + bias. A temperature that a
/// calibration has fitted is a factor of `temperature`; it comes with softmax only, which no bias
/// goes with.
struct LogitLaw: Sendable {
    /// Factor of the outputs, a normal float.
    let factor: Float
    /// The number that outputs are raised by before they are multiplied; nil for none.
    private let shift: Double?

    /// Fails when float32 does not hold the factor or the bias over it.
    init(_ manifest: ModelManifest) throws(ModelError) {
        let temperature = (manifest.temperature ?? 1) * (manifest.fittedTemperature ?? 1)
        let quotient = (manifest.scale ?? 1) / temperature
        factor = Float(quotient)
        guard factor.isNormal else {
            throw .misfit(
                .conflict(
                    keys: ["scale", "temperature"],
                    reason: "logits would be multiplied by \(quotient), which float32 does not hold"
                ))
        }
        shift = manifest.bias.map { [factor] in $0 / Double(factor) }
        if let shift, !Float(shift).isFinite { throw Self.overflow(shift) }
    }

    private static func overflow(_ shift: Double) -> ModelError {
        .misfit(
            .conflict(
                keys: ["bias", "scale", "temperature"],
                reason: "the bias over the factor of the logits is \(shift), which float32 does "
                    + "not hold"))
    }

    /// The layer whose outputs times `factor` are the logits: the bias is part of its own, which
    /// costs nothing later and no more than a rounding of the sum.
    func applied(to layer: DenseLayer) throws(ModelError) -> DenseLayer {
        guard let shift else { return layer }
        let own = layer.bias ?? [Float](repeating: 0, count: layer.outputCount)
        let bias = own.map { Float(Double($0) + shift) }
        guard bias.allSatisfy(\.isFinite) else { throw Self.overflow(shift) }
        return DenseLayer(weights: layer.weights, bias: bias)
    }
}

extension ModelManifest {
    /// The keys that concern a head of one logit a class and do nothing where they are not given.
    /// A bias that all logits share changes no softmax.
    func logitRules(_ link: Link?) -> [ManifestKeyRule] {
        let keys: [CodingKeys] = [.temperature, .scale, .normalizeWeights]
        return (link == .softmax ? keys : keys + [.bias]).map { ($0, .noStep) }
    }
}
