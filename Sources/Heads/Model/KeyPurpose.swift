extension ModelManifest.CodingKeys {
    /// The heads that the key has an effect on, as the reason why it has none on another.
    var purpose: String {
        switch self {
        case .temperature:
            "it divides the logits of dense, mhs, het and het-xl heads; with arcface-mhs, 'scale' "
                + "multiplies them"
        case .temperatureBounds: "it bounds a temperature that a het or het-xl checkpoint stores"
        case .diagonalNoise: "only het and het-xl heads have noise"
        case .samples: "only het and het-xl heads draw samples; others are exact"
        case .heads: "only mhp, mhc and mhs heads have several"
        case .headActivation: "it is of mhp and mhc heads; others have a 'link'"
        case .task: "only mhc heads distinguish tasks"
        case .beam: "it is the number of groups that an mhc head keeps"
        case .scale: "it multiplies the logits of dense, mhs and arcface-mhs heads"
        case .bias:
            "it is added to the logits of dense and mhs heads with sigmoid link; a softmax does "
                + "not change by it"
        case .normalizeWeights:
            "it is of dense and mhs heads; the rows of arcface-mhs have unit length anyway"
        case .link:
            "its link follows from its kind; with mhp and mhc, 'head_activation' chooses the "
                + "factors"
        case .tensors: "the tensors of this head have their own names"
        case .checkpoint, .head, .classes, .normalize, .prefix, .preLogits, .labels, .version:
            "nothing depends on it"
        }
    }
}
