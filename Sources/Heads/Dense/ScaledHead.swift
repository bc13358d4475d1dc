/// A head whose logits are the outputs of dense layers times a factor.
protocol ScaledHead: Head {
    /// Finite and positive.
    var factor: Float { get set }
}

extension DenseHead: ScaledHead {}
extension DenseEnsembleHead: ScaledHead {}

extension Head {
    /// The head with another factor of its logits, and with the same weights in memory; itself
    /// where its logits have none.
    func withFactor(_ factor: Float) -> any Head {
        if let unit = self as? UnitInputHead {
            return UnitInputHead(base: unit.base.withFactor(factor))
        }
        guard var scaled = self as? any ScaledHead else { return self }
        scaled.factor = factor
        return scaled
    }
}
