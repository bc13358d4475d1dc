internal import LogitKernels

/// The layers of an MHC head and the law its labels are ranked by: a group layer, then local scores
/// of the labels of a group, in two or three levels.
struct Cascade: Sendable {
    /// D → C0.
    let group: DenseLayer
    /// One level for two heads, two for three.
    let levels: [CascadeLevel]
    let radix: MixedRadix
    let activation: HeadActivation
    let task: Task
    /// Groups kept at each level; at least C0 means all.
    let beam: Int

    var keepsAllGroups: Bool { beam >= radix.sizes[0] }

    /// A distribution needs normalised factors and every group; anything else only ranks.
    var givesDistribution: Bool {
        task == .singleLabel && activation == .softmax && keepsAllGroups
    }
}
