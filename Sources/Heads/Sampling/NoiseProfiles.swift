internal import LogitKernels
internal import Predictions

/// The laws of single class probabilities over the noise, from samples.
struct NoiseProfiles {
    private let details: RowDetails

    init(_ details: RowDetails) { self.details = details }

    /// Probabilities that are traced at once: 4 MiB.
    static let maxTraced = 1 << 20

    /// The profiles of some classes, in their order. Sorts the samples of one class after the
    /// other: O(S log S) each.
    func profiles(
        ofClasses classes: [Int], _ samples: RowSamples
    ) throws(RowSampler.Failure) -> [NoiseProfile] {
        let count = samples.samplesPerMember * samples.memberCount
        let group = max(1, Self.maxTraced / max(count, 1))
        var profiles: [NoiseProfile] = []
        for first in stride(from: 0, to: classes.count, by: group) {
            let part = Array(classes[first..<min(first + group, classes.count)])
            let lists = needsValues ? try samples.trace(part) : part.map { _ in [] }
            for (k, values) in zip(part, lists) {
                var profile = profile(of: values)
                if details.wantsVoteShare {
                    profile.voteShare = Float(Double(samples.votes(of: k)) / Double(count))
                }
                profiles.append(profile)
            }
        }
        return profiles
    }

    private var needsValues: Bool { !details.quantileLevels.isEmpty || details.wantsHistogram }

    /// The quantiles and the histogram of equally likely values.
    func profile(of values: [Float]) -> NoiseProfile {
        var profile = NoiseProfile()
        if !details.quantileLevels.isEmpty {
            let sorted = values.sorted()
            profile.quantiles = details.quantileLevels.map { level in
                min(sorted[Self.rank(level, of: sorted.count)], 1)
            }
        }
        if details.wantsHistogram {
            var counts = [Int](repeating: 0, count: NoiseProfile.binCount)
            for value in values { counts[Self.bin(of: value)] += 1 }
            profile.histogram = counts.map { Float(Double($0) / Double(values.count)) }
        }
        return profile
    }

    /// The place, from 0, of the least of `count` sorted values that a share `level` of them does
    /// not exceed.
    static func rank(_ level: Double, of count: Int) -> Int {
        // The product may round above a whole number that the quotient is exact for: 100 · 0.07.
        let least = max(Int(level * Double(count)) - 1, 1)
        return (least...count).first { Double($0) / Double(count) >= level }.map { $0 - 1 }
            ?? count - 1
    }

    /// The bin of a probability; one above 1 by its roundings is in the last.
    static func bin(of value: Float) -> Int {
        let count = Double(NoiseProfile.binCount)
        return Int(min(Double(value) * count, count - 1))
    }
}
