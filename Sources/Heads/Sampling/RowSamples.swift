internal import LogitKernels

/// The samples of one row: the sums of every replicate of each member of its head. More can be
/// added later, and single classes looked at in each of them, where the members' logits are kept.
struct RowSamples {
    let sampler: RowSampler
    /// Empty where nothing needs them: they take 4·K·(R+2) bytes a member.
    private var logits: [MemberLogits] = []
    private var sums: [[SampleMoments]] = []

    init(_ sampler: RowSampler) { self.sampler = sampler }

    /// Samples of a replicate so far.
    var samplesPerReplicate: Int { sums.first?.first?.sampleCount ?? 0 }

    /// Samples of each member so far.
    var samplesPerMember: Int { sums.first?.reduce(0) { $0 + $1.sampleCount } ?? 0 }

    /// The sums of all members.
    var moments: EnsembleMoments { EnsembleMoments(sums) }

    /// Sums over the draws of one replicate, of which each is the mean of the members' own; the
    /// squares are the members' mean, which is no less than that of their mean.
    var drawSums: DrawSums {
        var result = DrawSums(classCount: classCount)
        for moments in sums.compactMap(\.first) {
            result.add(moments, share: 1 / Double(memberCount))
        }
        return result
    }

    /// Adds the next member with the first samples of each of its replicates.
    mutating func add(_ logits: MemberLogits) throws(RowSampler.Failure) {
        let count = sampler.goal.firstCount(sampler.plan)
        let none = sampler.noMoments(classCount: logits.classCount)
        sums.append(Array(repeating: none, count: sampler.plan.replicateCount))
        try extend(sums.count - 1, logits, to: count)
        if sampler.needsLogits { self.logits.append(logits) }
    }

    /// Adds samples to every replicate, up to `count`; needs the logits.
    mutating func extend(samplesPerReplicate count: Int) throws(RowSampler.Failure) {
        precondition(logits.count == sums.count, "logits are not kept")
        for member in sums.indices { try extend(member, logits[member], to: count) }
    }

    private mutating func extend(
        _ member: Int, _ logits: MemberLogits, to count: Int
    ) throws(RowSampler.Failure) {
        for replicate in sums[member].indices {
            let first = sums[member][replicate].sampleCount
            guard first < count else { continue }
            try sampler.add(
                first..<count, of: logits, member: member, replicate: replicate,
                to: &sums[member][replicate])
        }
    }

    /// The variance of the difference of two classes: the mean of the members' own, each of all of
    /// its samples. Nil where the sums of one replicate do not tell: `trace` does.
    func differenceVariance(of j: Int, _ k: Int) -> Double? {
        var sum = 0.0
        for replicates in sums {
            guard replicates.count == 1, let own = replicates[0].differenceVariance(of: j, k)
            else { return nil }
            sum += own
        }
        return sum / Double(memberCount)
    }

    /// The probabilities of some classes in all samples, or in those of every replicate in a range:
    /// of each class one list, of a member after the other and of a replicate after the other.
    /// Needs the logits, and the scales of samples with shared noise.
    func trace(
        _ classes: [Int], samples: Range<Int>? = nil
    ) throws(RowSampler.Failure) -> [[Float]] {
        precondition(logits.count == sums.count, "logits are not kept")
        let samples = samples ?? 0..<samplesPerReplicate
        var lists = [[Float]](repeating: [], count: classes.count)
        for (member, replicates) in sums.enumerated() {
            for (replicate, moments) in replicates.enumerated() {
                let values = try sampler.trace(
                    classes, samples, of: logits[member], member: member, replicate: replicate,
                    moments)
                for place in classes.indices {
                    lists[place] += values[place * samples.count..<(place + 1) * samples.count]
                }
            }
        }
        return lists
    }

    /// Samples of all members that class `k` leads; 0 where votes are not kept.
    func votes(of k: Int) -> Int {
        sums.reduce(0) { sum, replicates in
            replicates.reduce(sum) { $0 + ($1.votes.isEmpty ? 0 : Int($1.votes[k])) }
        }
    }

    var memberCount: Int { sums.count }

    /// Classes of the logits that are kept.
    var classCount: Int { logits.first?.classCount ?? 0 }
}
