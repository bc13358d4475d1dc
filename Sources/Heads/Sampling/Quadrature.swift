internal import LogitKernels
internal import Predictions

/// The laws of one row that are integrals over one variable, by the trapezoid rule, which for a
/// smooth function times the normal density errs far less than float32 does.
struct Quadrature {
    private let link: Link
    private let row: Int
    private let context: ComputeContext
    /// Labels whose profiles are computed between two questions whether the row is wanted.
    private static let askedLabels = 64
    /// The logits of every member.
    private let members: [NormalLogits]

    init(link: Link, row: Int, members: [NormalLogits], context: ComputeContext) {
        (self.link, self.row, self.members, self.context) = (link, row, members, context)
    }

    /// Whether logits with these weights may have such a law: each label's own under the sigmoid,
    /// and all classes' together where a single draw moves them.
    static func mayApply(to weights: HeteroscedasticWeights, _ link: Link) -> Bool {
        link == .sigmoid || (weights.factorCount == 0 && weights.diagonalNoise == .shared)
    }

    /// The law of the row; nil where one of the members needs more nodes than `NodeGrid` allows.
    func law() throws(RowSampler.Failure) -> RowLaw? {
        guard members.allSatisfy(\.isSafe) else { throw .overflow }
        var laws: [RowLaw] = []
        switch link {
        case .sigmoid:
            for member in members { laws.append(try labelLaw(of: member)) }
        case .softmax:
            let grids = members.compactMap { NodeGrid($0.scales) }
            guard grids.count == members.count else { return nil }
            for (member, grid) in zip(members, grids) {
                laws.append(try classLaw(of: member, grid))
            }
        }
        return RowLaw(laws)
    }

    /// The laws of the probabilities of some classes, as far as a row asks.
    func profiles(
        ofClasses classes: [Int], _ details: RowDetails
    ) throws(RowSampler.Failure) -> [NoiseProfile] {
        switch link {
        case .softmax:
            return try NoiseProfiles(details).profiles(ofClasses: classes, points(details))
        case .sigmoid:
            var profiles: [NoiseProfile] = []
            for k in classes {
                if profiles.count % Self.askedLabels == 0, !context.isWanted(row) {
                    throw .notWanted
                }
                let laws = members.map { (Double($0.means[k]), Double($0.scales[k])) }
                profiles.append(LabelProfile(laws).profile(details))
            }
            return profiles
        }
    }

    /// The probabilities at `LinePoints`: as many exponentials of each class and member.
    private func points(_ details: RowDetails) throws(RowSampler.Failure) -> RowSamples {
        var wanted = details
        // All points are taken, whatever ends samples.
        (wanted.tolerance, wanted.certifyDelta) = (nil, nil)
        var options = RowOptions(
            topK: 0, sampleCount: LinePoints.count, seed: 0, wantsProbabilities: false)
        options.details = wanted
        var points = RowSamples(
            RowSampler(
                rule: LinePoints(), link: link, row: row, options: options, tracesMargins: false,
                context: context, table: DrawTable(context)))
        for member in members {
            let rows = member.scales + member.means
            try points.add(
                .shared(
                    context.kernel.noisyLogits(
                        rows: rows.span, classCount: member.means.count, bias: nil,
                        temperature: 1, precision: .float32)))
        }
        return points
    }

    // MARK: Sigmoid

    private func labelLaw(of logits: NormalLogits) throws(RowSampler.Failure) -> RowLaw {
        let found = context.kernel.labelLaws(
            means: logits.means.span, deviations: logits.scales.span
        ) { context.isWanted(row) }
        guard var laws = found else { throw .notWanted }
        for (k, deviation) in logits.scales.enumerated()
        where deviation > LogitKernel.maxLabelDeviation {
            let label = WideLabel(mean: Double(logits.means[k]), deviation: Double(deviation))
            laws.probabilities[k] = label.probability
            laws.variances[k] = label.variance
            laws.entropies[k] = Float(label.expectedEntropy)
        }
        return RowLaw(
            means: laws.probabilities, variances: laws.variances,
            expectedEntropy: laws.entropies.reduce(0) { $0 + Double($1) })
    }

    // MARK: Softmax

    /// Nodes of a block: as many as keep their logits, a mebibyte, in a core's cache, at least 8.
    private static func blockSize(classCount: Int) -> Int {
        min(max((1 << 18) / classCount, 8), 96)
    }

    private func classLaw(
        of logits: NormalLogits, _ grid: NodeGrid
    ) throws(RowSampler.Failure) -> RowLaw {
        let (kernel, classCount) = (context.kernel, logits.means.count)
        let blockSize = Self.blockSize(classCount: classCount)
        // A slope common to all classes moves no probability, and would cost digits of the logits.
        let common = ((logits.scales.min() ?? 0) + (logits.scales.max() ?? 0)) / 2
        let slopes = logits.scales.map { $0 - common }
        var moments = NodeMoments(classCount: classCount)
        for first in stride(from: 0, to: grid.nodeCount, by: blockSize) {
            guard context.isWanted(row) else { throw .notWanted }
            let nodes = (first..<min(first + blockSize, grid.nodeCount)).map { grid.node($0) }
            let places = nodes.map { Float($0.place) }
            kernel.withScratch(count: nodes.count * classCount) { block in
                kernel.affineLogits(
                    location: logits.means.span, loadings: slopes.span, rank: 1,
                    draws: places.span, sampleCount: nodes.count, into: &block)
                moments.add(&block, weights: nodes.map(\.weight), kernel: kernel)
            }
        }
        return RowLaw(
            means: moments.means, variances: moments.variances,
            expectedEntropy: moments.expectedEntropy)
    }
}
