import Checkpoints
import Fixtures
import LogitKernels
import Predictions
import Testing

@testable import Heads

/// BatchEnsemble heads against their equations in double precision.
@Suite struct BatchEnsembleTests {
    static let prefix = "opt/target/multiclass_head/"
    static let (features, classes, rank, samples) = (5, 4, 2, 100)

    enum Loadings: CaseIterable { case absent, full, efficient }

    /// Layers of a small head; those in `shared` have no fast weights.
    static func file(
        _ loadings: Loadings, isXL: Bool, memberCount: Int, shared: Set<String> = [],
        seed: UInt64 = 1
    ) -> ArrayFile {
        var random = SeededRandom(seed: seed)
        var file = ArrayFile()
        let noise = isXL ? features : classes
        var layers = [("loc_layer", features, classes), ("diag_layer", features, noise)]
        switch loadings {
        case .absent: break
        case .full: layers.append(("scale_layer", features, noise * rank))
        case .efficient:
            layers.append(("scale_layer_heteroscedastic", features, noise))
            layers.append(("scale_layer_homoscedastic", rank, noise))
        }
        for (name, inputs, outputs) in layers {
            let members = shared.contains(name) ? nil : memberCount
            file.addLayer(prefix + name, inputs, outputs, members: members, &random)
        }
        return file
    }

    static var manifest: ModelManifest {
        var manifest = ModelManifest()
        manifest.temperature = 0.8
        return manifest
    }

    /// The same draws for every row, other ones for every member.
    struct Draws: NoiseSource {
        let values: [Float]
        let dimensionCount: Int

        init(memberCount: Int, dimensionCount: Int) {
            var random = SeededRandom(seed: 9)
            values = random.floats(memberCount * samples * dimensionCount, in: -2...2)
            self.dimensionCount = dimensionCount
        }

        func row(_ sample: Int, member: Int) -> ArraySlice<Float> {
            let first = (member * samples + sample) * dimensionCount
            return values[first..<first + dimensionCount]
        }

        func fill(_ draws: inout MutableSpan<Float>, _ block: DrawBlock, kernel: LogitKernel) {
            precondition(block.dimensionCount == dimensionCount)
            for sample in 0..<block.sampleCount {
                let source = row(block.firstSample + sample, member: block.member)
                for (index, value) in source.enumerated() {
                    draws[sample * dimensionCount + index] = value
                }
            }
        }
    }

    /// Float32 rounding of some twenty products of numbers of at most a few tens, through a
    /// softmax whose slope is at most 1/4 a logit: 20·2⁻²⁴·50 = 6e-5 a logit.
    static let tolerance = 2e-5

    @Test(arguments: Loadings.allCases, [true, false])
    func `members are averaged with their own weights and draws`(
        _ loadings: Loadings, _ isXL: Bool
    ) throws {
        let memberCount = 3
        let file = Self.file(loadings, isXL: isXL, memberCount: memberCount)
        try Self.check(file, loadings, isXL: isXL, memberCount: memberCount)
    }

    @Test(arguments: [
        Set(["loc_layer"]), ["diag_layer", "scale_layer_homoscedastic"],
        ["scale_layer_heteroscedastic", "loc_layer", "diag_layer"],
    ])
    func `a layer without fast weights is shared by the members`(_ shared: Set<String>) throws {
        let file = Self.file(.efficient, isXL: true, memberCount: 2, shared: shared)
        try Self.check(file, .efficient, isXL: true, memberCount: 2)
    }

    @Test func `an ensemble of one is an ensemble`() throws {
        let file = Self.file(.full, isXL: false, memberCount: 1)
        try Self.check(file, .full, isXL: false, memberCount: 1)
    }

    static func check(
        _ file: ArrayFile, _ loadings: Loadings, isXL: Bool, memberCount: Int
    ) throws {
        let factorCount = loadings == .absent ? 0 : rank
        let head = try file.head(manifest)
        let draws = Draws(memberCount: memberCount, dimensionCount: factorCount + 1)
        var random = SeededRandom(seed: 3)
        let x = random.floats(features)
        let answer = try predictions(
            head, x, everything(samples: samples, topK: classes, estimator: .only(.monteCarlo)),
            context: ComputeContext(kernel: .threads(1), noise: draws))[0]
        let truth = try Truth(
            file, x.map { Double($0) }, draws, factorCount: factorCount, isXL: isXL,
            memberCount: memberCount)
        let found = try #require(answer.probabilities).map { Double($0) }
        #expect((zip(found, truth.means).map { abs($0 - $1) }.max() ?? 1) <= tolerance)
        for candidate in answer.top {
            let spread = try #require(candidate.spread)
            let error = truth.standardErrors[candidate.index]
            let deviation = error * Double(memberCount * samples).squareRoot()
            // Differences of each p within the tolerance move a deviation by as much at most.
            #expect(abs(Double(spread.standardDeviation) - deviation) <= tolerance)
            #expect(abs(Double(spread.standardError) - error) <= tolerance / 10)
        }
        let uncertainty = try #require(answer.uncertainty)
        // |dH| ≤ Σ|dp|·|1 + ln p|, with p far above e⁻⁴⁰; H lacks ½ Σ Var(p)/p on the average.
        let lacking = zip(truth.standardErrors, truth.means).reduce(0) { $0 + $1.0 * $1.0 / $1.1 }
        let unbiased = entropy(truth.means) + lacking / 2
        #expect(abs(uncertainty.predictiveEntropy - unbiased) <= tolerance * 40)
        let expected = try #require(uncertainty.expectedEntropy)
        #expect(abs(expected - truth.expectedEntropy) <= tolerance * 40)
    }

    /// Means, entropies and standard errors from the definition: the variance of a mean of
    /// independent means is the sum of theirs over E².
    struct Truth {
        var means: [Double]
        var standardErrors: [Double]
        var expectedEntropy = 0.0

        init(
            _ file: ArrayFile, _ x: [Double], _ draws: Draws, factorCount: Int, isXL: Bool,
            memberCount: Int
        ) throws {
            means = [Double](repeating: 0, count: classes)
            var variances = means
            for member in 0..<memberCount {
                let reference = ReferenceSample(
                    head: ReferenceHead(file: file, prefix: prefix, isJAX: true), member: member,
                    isXL: isXL, temperature: 0.8)
                var rows: [[Double]] = []
                for sample in 0..<samples {
                    let draw = draws.row(sample, member: member).map { Double($0) }
                    let logits = try reference.logits(
                        x, factors: Array(draw.prefix(factorCount)),
                        diagonal: Array(draw.dropFirst(factorCount)))
                    rows.append(ReferenceHead.softmax(logits))
                }
                for k in 0..<classes {
                    let mean = rows.reduce(0) { $0 + $1[k] } / Double(samples)
                    let squares = rows.reduce(0) { $0 + ($1[k] - mean) * ($1[k] - mean) }
                    means[k] += mean / Double(memberCount)
                    variances[k] += squares / Double(samples - 1) / Double(samples)
                }
                let sum = rows.reduce(0) { $0 + entropy($1) }
                expectedEntropy += sum / Double(samples * memberCount)
            }
            let square = Double(memberCount * memberCount)
            standardErrors = variances.map { ($0 / square).squareRoot() }
        }
    }

    @Test func `members draw from streams of their own`() throws {
        let kernel = LogitKernel.threads(1)
        func draws(member: Int) -> [Float] {
            var values = [Float](repeating: 0, count: 8)
            var span = values.mutableSpan
            let block = DrawBlock(
                row: 0, seed: 5, member: member, firstSample: 0, sampleCount: 2, dimensionCount: 4)
            CounterNoise().fill(&span, block, kernel: kernel)
            return values
        }
        #expect(draws(member: 0) != draws(member: 1))
        #expect(draws(member: 1) != draws(member: 2))
        var plain = [Float](repeating: 0, count: 8)
        var span = plain.mutableSpan
        kernel.normals(seed: 5, firstSample: 0, sampleCount: 2, dimensionCount: 4, into: &span)
        #expect(draws(member: 0) == plain)
    }

    /// With equal members, draws they shared would leave E times the variance that is reported.
    @Test func `the standard error is that of the spread over seeds`() throws {
        let (memberCount, seeds) = (4, 400)
        var file = Self.file(.full, isXL: true, memberCount: memberCount)
        for index in file.arrays.indices where file.arrays[index].shape.first == memberCount {
            let width = file.arrays[index].shape[1]
            let first = file.arrays[index].values.prefix(width)
            file.arrays[index].values = (0..<memberCount).flatMap { _ in first }
        }
        let head = try file.head(Self.manifest)
        let x: [Float] = [0.5, -0.25, 1, 0, -1]
        var found: [Double] = []
        var reported = 0.0
        for seed in 0..<seeds {
            let options = everything(samples: 20, seed: UInt64(seed), topK: Self.classes)
            let top = try predictions(head, x, options)[0].top
            let label = try #require(top.first { $0.index == 0 })
            found.append(Double(try #require(label.probability)))
            let error = Double(try #require(label.spread).standardError)
            reported += error * error / Double(seeds)
        }
        let mean = found.reduce(0, +) / Double(seeds)
        let variance = found.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(seeds - 1)
        // The relative standard error of a variance from n normal values is √(2/(n - 1)), 0.071
        // here; five of them. The reported ones are means over 80 samples each, and 400 of them.
        #expect(abs(variance / reported - 1) <= 5 * 0.071)
    }

    @Test(arguments: [Link.softmax, .sigmoid])
    func `dense members are averaged after the link`(_ link: Link) throws {
        var random = SeededRandom(seed: 4)
        var file = ArrayFile()
        file.addLayer("params/head", Self.features, Self.classes, members: 3, &random)
        var manifest = ModelManifest()
        (manifest.head, manifest.link) = (.dense, link)
        let x = random.floats(Self.features)
        let answer = try predictions(
            try file.head(manifest), x, everything(topK: Self.classes))[0]
        let reference = ReferenceHead(file: file, prefix: "params/", isJAX: true)
        var means = [Double](repeating: 0, count: Self.classes)
        for member in 0..<3 {
            let logits = try reference.dense("head", x.map { Double($0) }, member: member)
            let values =
                link == .softmax
                ? ReferenceHead.softmax(logits) : ReferenceHead.sigmoid(logits)
            for k in values.indices { means[k] += values[k] / 3 }
        }
        let found = try #require(answer.probabilities).map { Double($0) }
        #expect((zip(found, means).map { abs($0 - $1) }.max() ?? 1) <= Self.tolerance)
        let binary = link == .softmax ? 0 : entropy(means.map { 1 - $0 })
        let uncertainty = try #require(answer.uncertainty)
        let difference = uncertainty.predictiveEntropy - entropy(means) - binary
        #expect(abs(difference) <= Self.tolerance * 40)
        #expect(uncertainty.expectedEntropy == nil)
        #expect((uncertainty.margin == nil) == (link == .sigmoid))
    }
}

extension ArrayFile {
    /// A layer of the JAX code, a BatchEnsemble where `members` is not nil.
    mutating func addLayer(
        _ name: String, _ inputs: Int, _ outputs: Int, members: Int? = nil,
        _ random: inout SeededRandom
    ) {
        add(name + "/kernel", [inputs, outputs], &random)
        add(name + "/bias", members.map { [$0, outputs] } ?? [outputs], &random)
        guard let members else { return }
        add(name + "/fast_weight_alpha", [members, inputs], &random)
        add(name + "/fast_weight_gamma", [members, outputs], &random)
    }
}
