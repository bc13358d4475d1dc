import Fixtures
import Glibc
import LogitKernels
import Predictions

@testable import Heads

/// A heteroscedastic head made by a test, with the law of its answers in double precision.
struct MadeHead {
    static let features = 6

    let isXL: Bool
    let classes: Int
    let rank: Int
    let noise: DiagonalNoise
    let members: Int
    var file = ArrayFile()

    /// Layers under the names of both links' heads. Logits have noise of about `deviation`.
    init(
        isXL: Bool, classes: Int, rank: Int = 0, deviation: Float,
        noise: DiagonalNoise = .shared, members: Int = 1
    ) {
        (self.isXL, self.classes, self.rank) = (isXL, classes, rank)
        (self.noise, self.members) = (noise, members)
        var random = SeededRandom(seed: UInt64(classes + 10 * rank))
        let latents = isXL ? Self.features : classes
        var layers = [("loc_layer", classes), ("diag_layer", latents)]
        if rank > 0 { layers.append(("scale_layer", latents * rank)) }
        for (name, outputs) in layers {
            file.addLayer(
                Self.prefix + name, Self.features, outputs, members: members > 1 ? members : nil,
                &random)
            guard name != "loc_layer" else { continue }
            for part in ["/kernel", "/bias"] {
                guard var array = file[Self.prefix + name + part] else { continue }
                array.values = array.values.map { $0 * deviation }
                file[Self.prefix + name + part] = array
            }
        }
    }

    private static let prefix = "opt/target/multiclass_head/"

    func head(_ link: Link, weights: WeightFormat = .float32) throws -> any Head {
        var manifest = ModelManifest()
        manifest.temperature = 0.8
        manifest.diagonalNoise = noise
        var named = file
        for index in named.arrays.indices where link == .sigmoid {
            let name = named.arrays[index].name
            named.arrays[index].name =
                "opt/target/multilabel_head/" + name.dropFirst(Self.prefix.count)
        }
        return try HeadRecognition(
            manifest: manifest, checkpoint: try named.checkpoint(), weights: weights
        ).head()
    }

    /// The law of the answer to `x`: the mean over members of each one's own.
    func law(_ link: Link, _ x: [Double]) throws -> NormalLaw {
        let reference = ReferenceHead(file: file, prefix: Self.prefix, isJAX: true)
        let laws = try (0..<members).map { member in
            let sample = ReferenceSample(
                head: reference, member: member, isXL: isXL, temperature: Double(Float(0.8)))
            let (mean, columns) = try columns(of: sample, x)
            return link == .softmax
                ? NormalLaw.classes(mean: mean, slopes: columns[0])
                : NormalLaw.labels(mean: mean, columns: columns)
        }
        return NormalLaw(of: laws, link)
    }

    /// m and A of every member for `x`.
    func normals(_ x: [Double]) throws -> [(mean: [Double], columns: [[Double]])] {
        let reference = ReferenceHead(file: file, prefix: Self.prefix, isJAX: true)
        return try (0..<members).map { member in
            let sample = ReferenceSample(
                head: reference, member: member, isXL: isXL, temperature: Double(Float(0.8)))
            return try columns(of: sample, x)
        }
    }

    /// m and A: the logits without a draw, and what one draw of 1 adds to them.
    private func columns(
        of sample: ReferenceSample, _ x: [Double]
    ) throws -> ([Double], [[Double]]) {
        let diagonals = noise == .shared ? 1 : isXL ? Self.features : 0
        let zeros = [Double](repeating: 0, count: rank + max(diagonals, 1))
        func logits(_ draws: [Double]) throws -> [Double] {
            try sample.logits(
                x, factors: Array(draws.prefix(rank)), diagonal: Array(draws.dropFirst(rank)))
        }
        let mean = try logits(zeros)
        // Independent noise on the logits: each label has one draw, and all may be 1 at once.
        let columns = try (0..<rank + max(diagonals, 1)).map { draw in
            var draws = zeros
            draws[draw] = 1
            return zip(try logits(draws), mean).map { $0 - $1 }
        }
        return (mean, columns)
    }
}

/// Means, variances and entropies over normal noise, by Simpson's rule on [−9, 9] with steps far
/// below those of the heads.
struct NormalLaw {
    var means: [Double]
    var variances: [Double]
    var expectedEntropy: Double
    var predictiveEntropy = 0.0

    /// The mean over members, and the entropy of the mean.
    init(of members: [NormalLaw], _ link: Link) {
        let count = Double(members.count)
        self = members[0]
        means = means.indices.map { k in members.reduce(0) { $0 + $1.means[k] } / count }
        variances = means.indices.map { k in members.reduce(0) { $0 + $1.variances[k] } / count }
        expectedEntropy = members.reduce(0) { $0 + $1.expectedEntropy } / count
        predictiveEntropy =
            entropy(means) + (link == .sigmoid ? entropy(means.map { 1 - $0 }) : 0)
    }

    private init(classes: Int) {
        means = [Double](repeating: 0, count: classes)
        variances = means
        expectedEntropy = 0
    }

    private mutating func add(_ p: [Double], weight: Double) {
        for (k, p) in p.enumerated() {
            means[k] += weight * p
            variances[k] += weight * p * p
        }
    }

    private mutating func finish() {
        for k in means.indices { variances[k] = max(0, variances[k] - means[k] * means[k]) }
    }

    /// Softmax of mean + slopes·z.
    static func classes(mean: [Double], slopes: [Double]) -> NormalLaw {
        var law = NormalLaw(classes: mean.count)
        let width = (slopes.max() ?? 0) - (slopes.min() ?? 0)
        forEachNode(step: min(0.1, 0.4 / max(width, 1))) { z, weight in
            let p = ReferenceHead.softmax(mean.indices.map { mean[$0] + slopes[$0] * z })
            law.add(p, weight: weight)
            law.expectedEntropy += weight * entropy(p)
        }
        law.finish()
        return law
    }

    /// Sigmoid of each label with the deviation that its columns leave.
    static func labels(mean: [Double], columns: [[Double]]) -> NormalLaw {
        var law = NormalLaw(classes: mean.count)
        for k in mean.indices {
            let deviation = columns.reduce(0) { $0 + $1[k] * $1[k] }.squareRoot()
            let label = label(mean: mean[k], deviation: deviation)
            law.means[k] = label.means[0]
            law.variances[k] = label.variances[0]
            law.expectedEntropy += label.expectedEntropy
        }
        return law
    }

    /// Sigmoid of mean + deviation·z.
    static func label(mean: Double, deviation: Double) -> NormalLaw {
        var law = NormalLaw(classes: 1)
        var square = 0.0
        forEachNode(step: min(0.1, 0.2 / max(deviation, 1))) { z, weight in
            let u = mean + deviation * z
            let e = exp(-abs(u))
            let (larger, smaller) = (1 / (1 + e), e / (1 + e))
            law.means[0] += weight * (u >= 0 ? larger : smaller)
            square += weight * larger * smaller
            law.expectedEntropy += weight * (log1p(e) + abs(u) * smaller)
        }
        law.variances[0] = max(0, law.means[0] * (1 - law.means[0]) - square)
        return law
    }

    private static func forEachNode(step: Double, _ body: (Double, Double) -> Void) {
        let half = Int((9 / step).rounded(.up))
        let step = 9 / Double(half)
        for index in -half...half {
            let z = Double(index) * step
            let isEnd = abs(index) == half
            let share = isEnd ? 1.0 : (index + half).isMultiple(of: 2) ? 2.0 : 4.0
            body(z, share / 3 * step * exp(-z * z / 2) / (2 * Double.pi).squareRoot())
        }
    }
}
