internal import LogitKernels

/// The noisy logits of one row by one member of a head, in the form that its path takes samples of.
enum MemberLogits {
    /// Shared noise: one pass, no logit written.
    case shared(NoisyLogits)
    /// The latent path: blocks of logits one after the other.
    case latents(LatentSampler, classCount: Int)

    /// Whether they may be sampled; on the latent path samples tell.
    var isSafe: Bool {
        switch self {
        case .shared(let logits): logits.isSafe
        case .latents: true
        }
    }

    var classCount: Int {
        switch self {
        case .shared(let logits): logits.classCount
        case .latents(_, let classCount): classCount
        }
    }

    /// Draws that a sample takes.
    var drawCount: Int {
        switch self {
        case .shared(let logits): logits.rank
        case .latents(let sampler, _): sampler.drawCount
        }
    }

    /// Samples that are added at once.
    var blockSize: Int {
        switch self {
        case .shared: SampleMoments.waveSampleCount
        case .latents(let sampler, let classCount): sampler.blockSize(classCount: classCount)
        }
    }
}
