internal import Heads
internal import LogitKernels

/// What a call has to do at the least: stages, each of which needs the one before.
struct BenchWork {
    struct Stage {
        /// What multiply-adds take.
        var format: WeightFormat
        /// A multiply-add counts as two; exponentials are left out.
        var operations = 0.0
        /// Weights that are read.
        var bytes = 0.0
    }

    var stages: [Stage]

    var operations: Double { stages.reduce(0) { $0 + $1.operations } }
    var bytes: Double { stages.reduce(0) { $0 + $1.bytes } }

    /// Seconds that the work takes where arithmetic and reading hide one another.
    func seconds(at peaks: MachinePeaks) -> Double {
        stages.reduce(0) { sum, stage in
            let arithmetic = stage.operations / (peaks.operations[stage.format] ?? .infinity)
            return sum + max(arithmetic, stage.bytes / peaks.bytes)
        }
    }
}

extension BenchWork.Stage {
    /// A product of `rows` with a matrix of weights that is read once.
    static func product(
        rows: Double, inputs: Double, outputs: Double, _ format: WeightFormat
    ) -> BenchWork.Stage {
        BenchWork.Stage(
            format: format, operations: 2 * rows * inputs * outputs,
            bytes: format.byteCount(inputs: inputs, outputs: outputs))
    }
}

extension WeightFormat {
    /// Bytes of a matrix, the scales of int8 included.
    fileprivate func byteCount(inputs: Double, outputs: Double) -> Double {
        switch self {
        case .float32: 4 * inputs * outputs
        case .bfloat16: 2 * inputs * outputs
        case .int8: (inputs + 4) * outputs
        }
    }
}

extension BenchShape {
    /// Multiply-adds and bytes of each stage, from the shapes alone.
    func work(_ kind: BenchKind, _ compute: ComputeOptions) -> BenchWork {
        let format = compute.weights ?? .float32
        let (d, b) = (Double(features), Double(rows))
        func layer(_ outputs: Int) -> BenchWork.Stage {
            .product(rows: b, inputs: d, outputs: Double(outputs), format)
        }
        switch kind {
        case .logits, .mhs: return BenchWork(stages: [layer(classes)])
        case .mhp: return BenchWork(stages: [layer(groups + groupSize)])
        case .mhc: return BenchWork(stages: [layer(groups), layer(hidden), visitedLabels])
        case .hetXL:
            return BenchWork(
                stages: [covarianceLayers]
                    + (noise == .shared
                        ? sharedNoise(format, compute.instructionSet.noiseFormat(for: format))
                        : independentNoise(format)))
        case .json, .http: return BenchWork(stages: [])
        }
    }

    /// Embeddings stay float32. Rows choose their groups each on its own, and those that share one
    /// may share the reading of it.
    private var visitedLabels: BenchWork.Stage {
        let (g, h, size) = (Double(groups), Double(hidden), Double(groupSize))
        let visited = Double(min(beam, groups))
        var missed = 1.0
        for _ in 0..<rows { missed *= 1 - visited / g }
        return BenchWork.Stage(
            format: .float32, operations: 2 * Double(rows) * visited * size * h,
            bytes: 4 * g * (1 - missed) * size * h)
    }

    /// They stay float32.
    private var covarianceLayers: BenchWork.Stage {
        let d = Double(features)
        return .product(
            rows: Double(rows), inputs: d, outputs: factors == 0 ? d : 2 * d, .float32)
    }

    /// A of R + 1 columns and the location, then the samples.
    private func sharedNoise(
        _ format: WeightFormat, _ noiseFormat: WeightFormat
    ) -> [BenchWork.Stage] {
        let (d, k, b) = (Double(features), Double(classes), Double(rows))
        let (r, s) = (Double(factors), Double(samples))
        return [
            .product(rows: b * (r + 2), inputs: d, outputs: k, format),
            BenchWork.Stage(format: noiseFormat, operations: 2 * b * s * (r + 1) * k),
        ]
    }

    /// The cheaper of two ways: each sample through the weights, or a factor of the covariance.
    private func independentNoise(_ format: WeightFormat) -> [BenchWork.Stage] {
        let (d, k, b) = (Double(features), Double(classes), Double(rows))
        let (r, s) = (Double(factors), Double(samples))
        let latents = [
            BenchWork.Stage(format: .float32, operations: 2 * b * s * r * d),
            .product(rows: b * s, inputs: d, outputs: k, format),
        ]
        let factor = k * k * (r + d) / 2 + k * k * k / 6
        let covariance = [
            .product(rows: b * (r + d), inputs: d, outputs: k, format),
            BenchWork.Stage(format: .float32, operations: 2 * b * (factor + s * k * k)),
        ]
        let isFewClasses =
            BenchWork(stages: covariance).operations < BenchWork(stages: latents).operations
        return isFewClasses ? covariance : latents
    }
}
