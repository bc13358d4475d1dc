import Glibc
import Testing

@testable import Heads

/// The equations of HET, HET-XL and BatchEnsemble in double precision, straight from the arrays
/// of a file: the fast weights are applied to inputs and outputs, never folded.
struct ReferenceHead {
    let file: ArrayFile
    let prefix: String
    /// "kernel" or "weight" and so on come from the file's own names.
    let isJAX: Bool

    typealias Vector = [Double]

    func values(_ name: String) throws -> Vector {
        try #require(file[prefix + name], "\(name)").values.map { Double($0) }
    }

    /// x K + b, or ((x ∘ α_e) K) ∘ γ_e + b_e where there are fast weights.
    func dense(_ name: String, _ x: Vector, member: Int) throws -> Vector {
        let kernel = try values(name + (isJAX ? "/kernel" : ".weight"))
        let outputs = kernel.count / x.count
        var input = x
        var gain = Vector(repeating: 1, count: outputs)
        var first = 0
        if isJAX, file[prefix + name + "/fast_weight_alpha"] != nil {
            let alpha = try values(name + "/fast_weight_alpha")
            let gamma = try values(name + "/fast_weight_gamma")
            input = x.indices.map { x[$0] * alpha[member * x.count + $0] }
            gain = (0..<outputs).map { gamma[member * outputs + $0] }
            first = member * outputs
        }
        let bias = try values(name + (isJAX ? "/bias" : ".bias"))
        return input.indices.reduce(into: Vector(repeating: 0, count: outputs)) { sum, i in
            for o in 0..<outputs {
                sum[o] += input[i] * (isJAX ? kernel[i * outputs + o] : kernel[o * x.count + i])
            }
        }.enumerated().map { o, sum in sum * gain[o] + bias[first + o] }
    }

    static func softmax(_ logits: Vector) -> Vector {
        let peak = logits.max() ?? 0
        let weights = logits.map { exp($0 - peak) }
        let total = weights.reduce(0, +)
        return weights.map { $0 / total }
    }

    static func sigmoid(_ logits: Vector) -> Vector { logits.map { 1 / (1 + exp(-$0)) } }

    static func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }
}

/// One member of a HET or HET-XL head with its draws.
struct ReferenceSample {
    let head: ReferenceHead
    let member: Int
    let isXL: Bool
    let temperature: Double
    /// Names of the layers: location, diagonal, full loadings, efficient scale, homoscedastic.
    var names = (
        location: "loc_layer", diagonal: "diag_layer", full: "scale_layer",
        scale: "scale_layer_heteroscedastic", homoscedastic: "scale_layer_homoscedastic"
    )

    /// Tempered logits; `diagonal` is one draw, or one a coordinate.
    func logits(_ x: [Double], factors: [Double], diagonal: [Double]) throws -> [Double] {
        let deviations = try head.dense(names.diagonal, x, member: member)
            .map { ReferenceHead.softplus($0) + 1e-3 }
        var noise = deviations.indices.map {
            deviations[$0] * diagonal[diagonal.count == 1 ? 0 : $0]
        }
        if head.file[head.prefix + names.homoscedastic + "/kernel"] != nil {
            let scale = try head.dense(names.scale, x, member: member)
            let common = try head.dense(names.homoscedastic, factors, member: member)
            for j in noise.indices { noise[j] += scale[j] * common[j] }
        } else if !factors.isEmpty {
            let loadings = try head.dense(names.full, x, member: member)
            for j in noise.indices {
                for r in factors.indices {
                    noise[j] += loadings[j * factors.count + r] * factors[r]
                }
            }
        }
        let mean = isXL ? x : try head.dense(names.location, x, member: member)
        let latent = zip(mean, noise).map { $0 + $1 }
        let logits =
            isXL ? try head.dense(names.location, latent, member: member) : latent
        return logits.map { $0 / temperature }
    }
}
