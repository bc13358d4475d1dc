/// Codes of labels by the keys `heads` and `classes`.
extension MixedRadix {
    /// Refuses sizes whose codes are too many to count or fewer than the labels, by the key that is
    /// wrong.
    static func of(_ sizes: [Int], classCount: Int) throws(ModelError) -> MixedRadix {
        guard let codes = codeCount(sizes) else {
            throw .contradiction(
                key: ModelManifest.CodingKeys.heads.rawValue,
                reason: "\(sizes) make more codes than a number of 64 bits counts")
        }
        guard let radix = MixedRadix(sizes: sizes, classCount: classCount) else {
            throw .contradiction(
                key: ModelManifest.CodingKeys.classes.rawValue,
                reason: "it is \(classCount), but 'heads' \(sizes) make \(codes) codes")
        }
        return radix
    }
}
