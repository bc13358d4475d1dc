/// The values that the members of an ensemble have in the place of one layer: one for all, or one
/// for each.
struct LayerMembers<Value: Sendable>: Sendable {
    private let values: [Value]

    init(shared value: Value) { values = [value] }

    /// One value a member, at least one.
    init(_ values: [Value]) {
        precondition(!values.isEmpty, "an ensemble has a member")
        self.values = values
    }

    subscript(member: Int) -> Value { values.count == 1 ? values[0] : values[member] }

    func map<Result>(_ transform: (Value) -> Result) -> LayerMembers<Result> {
        LayerMembers<Result>(values.map(transform))
    }

    /// Pairs the members of two layers; a shared one goes with every member of the other.
    func zipped<Other, Result>(
        with other: LayerMembers<Other>, _ transform: (Value, Other) -> Result
    ) -> LayerMembers<Result> {
        let count = max(values.count, other.values.count)
        return LayerMembers<Result>((0..<count).map { transform(self[$0], other[$0]) })
    }
}
