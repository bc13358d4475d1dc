/// The names of a head's tensors and layers where they differ from the known ones: `tensors` of
/// `model.json`. A layer's name stands for its `.weight` and `.bias`. At least one is given, none
/// is empty.
package struct TensorNames: Sendable, Equatable {
    /// The part of a head that a name is given for, by its key.
    package enum Role: String, Sendable, CaseIterable {
        case weight
        case bias
        case preLogits = "pre_logits"
        /// The layers of an MHP head, one a head in the order of the digits.
        case heads
    }

    package var weight: String?
    package var bias: String?
    /// Whether the head is said to have no bias, by `null` in the place of a name.
    package var hasNoBias = false
    package var preLogits: String?
    /// Not empty; no name stands twice.
    package var heads: [String]?

    package init() {}

    /// Layers a list may have: a label has fewer digits.
    static let maxHeads = 64

    /// The roles, as an error message lists them.
    static var roles: String { Role.names.map { "'\($0)'" }.joined(separator: ", ") }

    /// Reads the members of the object.
    init(_ members: [ManifestMember]) throws(ManifestProblem) {
        for member in members {
            guard let role = Role(rawValue: member.key) else {
                throw .unknownKey(
                    "tensors.\(ManifestExcerpt.cut(member.key))",
                    known: Role.names.map { "tensors.\($0)" })
            }
            switch role {
            case .weight: weight = try Self.name(member)
            case .bias where member.value == .null: hasNoBias = true
            case .bias: bias = try Self.name(member)
            case .preLogits: preLogits = try Self.name(member)
            case .heads: heads = try Self.names(member)
            }
        }
    }

    private static func name(_ member: ManifestMember) throws(ManifestProblem) -> String {
        guard case .text(let name) = member.value, !name.isEmpty else {
            throw wrong(member, "the name of a tensor or layer")
        }
        return name
    }

    private static func names(_ member: ManifestMember) throws(ManifestProblem) -> [String] {
        let expected = "a list of 1 to \(maxHeads) different names of layers"
        guard case .list(let values) = member.value, (1...maxHeads).contains(values.count) else {
            throw wrong(member, expected)
        }
        let names = values.compactMap { value -> String? in
            if case .text(let name) = value, !name.isEmpty { name } else { nil }
        }
        guard Set(names).count == values.count else { throw wrong(member, expected) }
        return names
    }

    private static func wrong(_ member: ManifestMember, _ expected: String) -> ManifestProblem {
        .value(
            key: "tensors.\(member.key)", expected: "\(expected), not \(member.value.excerpt)")
    }

    /// The names that are given, by role, in the order of the roles.
    var given: [(role: Role, names: [String])] {
        Role.allCases.compactMap { role in
            let names: [String]? =
                switch role {
                case .weight: weight.map { [$0] }
                case .bias: bias.map { [$0] }
                case .preLogits: preLogits.map { [$0] }
                case .heads: heads
                }
            return names.map { (role, $0) }
        }
    }
}
