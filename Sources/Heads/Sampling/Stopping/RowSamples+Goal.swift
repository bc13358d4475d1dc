internal import Predictions

extension RowSamples {
    /// Adds samples until the row's goal is reached or all of the plan are drawn. The result tells
    /// whether it is reached.
    mutating func reachGoal(
        by rule: any SamplingRule, _ options: RowOptions
    ) throws(RowSampler.Failure) -> Bool {
        switch sampler.goal {
        case .plan: true
        case .tolerance(let tolerance): try reachTolerance(tolerance, rule, options)
        case .leader(let delta): try proveLeader(delta)
        }
    }

    private var mostPerReplicate: Int { sampler.plan.samplesPerReplicate }

    /// Doubles the samples until the standard errors are within the tolerance.
    private mutating func reachTolerance(
        _ tolerance: Double, _ rule: any SamplingRule, _ options: RowOptions
    ) throws(RowSampler.Failure) -> Bool {
        while !isWithin(tolerance, rule, options) {
            let count = samplesPerReplicate
            guard count < mostPerReplicate else { return false }
            try extend(samplesPerReplicate: min(2 * count, mostPerReplicate))
        }
        return true
    }

    private mutating func proveLeader(_ delta: Double) throws(RowSampler.Failure) -> Bool {
        var search = LeaderSearch(delta: delta, sampler.link, classCount: classCount)
        while true {
            search.turn(to: drawSums)
            if search.isProven { return true }
            let count = samplesPerReplicate
            guard count < mostPerReplicate else { return false }
            try extend(
                samplesPerReplicate: SampleCounts.draws(after: count, most: mostPerReplicate))
            try add(from: count, to: &search)
        }
    }

    /// Probabilities that are looked at between two questions whether the row is still wanted: less
    /// than a millisecond.
    static let maxSearched = 1 << 17

    /// Adds the draws from `first` on that the search wants. A draw of a head with members is the
    /// mean of theirs.
    private func add(
        from first: Int, to search: inout LeaderSearch
    ) throws(RowSampler.Failure) {
        var first = first
        while !search.classes.isEmpty, first < samplesPerReplicate {
            let classes = search.classes
            let size = max(1, Self.maxSearched / (classes.count * memberCount))
            let part = first..<min(first + size, samplesPerReplicate)
            search.add(try trace(classes, samples: part).map { memberMeans($0) })
            first = part.upperBound
        }
    }

    private func memberMeans(_ list: [Float]) -> [Double] {
        let count = list.count / memberCount
        return (0..<count).map { sample in
            let places = stride(from: sample, to: list.count, by: count)
            return places.reduce(0) { $0 + Double(list[$1]) } / Double(memberCount)
        }
    }

    /// Whether the standard errors of all probabilities that the answer gives are known, and within
    /// a tolerance.
    private func isWithin(
        _ tolerance: Double, _ rule: any SamplingRule, _ options: RowOptions
    ) -> Bool {
        let moments = moments
        let probabilities = moments.means.map { Float($0) }
        let best = TopK.indices(of: probabilities, count: options.topK)
        let classes = options.listed(best, of: probabilities) + options.labels
        guard let spreads = rule.spreads(ofClasses: classes, moments) else { return false }
        return spreads.allSatisfy { Double($0.standardError) <= tolerance }
    }
}
