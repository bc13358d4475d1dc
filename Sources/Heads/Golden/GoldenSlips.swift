/// Names of arrays in an `expected.npz` by which an author may have meant one that is read.
enum GoldenSlips {
    /// Other names of the arrays without which nothing is checked, in the authors' own code.
    private static let otherNames = [
        "features": ["x", "instances", "inputs", "embeddings"],
        "probabilities": ["predict_proba", "y_proba", "y_prob", "outputs", "expected"],
    ]

    /// Refuses a name that could be meant for one that is missing.
    static func refuse(
        _ others: [String], missing: Set<String>, _ path: String
    ) throws(ModelError) {
        for other in others where other.utf8.count <= 32 {
            for name in missing.sorted() where couldMean(name, other.lowercased()) {
                throw .goldenArray(
                    path: path, array: other,
                    expected: "called '\(name)' if that is meant, else by a name less like it")
            }
        }
    }

    /// Whether `other` differs in at most a third of the letters of `name`, is an abbreviation of
    /// it such as `probs`, or is what others call it.
    private static func couldMean(_ name: String, _ other: String) -> Bool {
        let stem = other.hasSuffix("s") ? other.dropLast() : other[...]
        return NearNames.distance(Array(name.utf8), Array(other.utf8)) <= name.utf8.count / 3
            || (stem.utf8.count >= 3 && name.hasPrefix(stem))
            || (otherNames[name] ?? []).contains(other)
    }
}
