internal import Heads
internal import LogitKernels

/// The least work of a call: stages, each of which needs the one before.
struct BenchWork {
    struct Stage {
        /// The format of the multiply-adds' operands.
        var format: WeightFormat
        /// Arithmetic operations. A multiply-add counts as two; exponentials are left out.
        var operations = 0.0
        /// Bytes of weights that are read.
        var bytes = 0.0
    }

    var stages: [Stage]

    var operations: Double { stages.reduce(0) { $0 + $1.operations } }
    var bytes: Double { stages.reduce(0) { $0 + $1.bytes } }

    /// Seconds that the work takes at these peaks if arithmetic and reading overlap in each stage.
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
    /// Bytes of a weight matrix, the scales of int8 included.
    fileprivate func byteCount(inputs: Double, outputs: Double) -> Double {
        switch self {
        case .float32: 4 * inputs * outputs
        case .bfloat16: 2 * inputs * outputs
        case .int8: (inputs + 4) * outputs
        }
    }
}

extension BenchShape {
    /// The least work of a call of this kind, computed from the shapes alone.
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

    /// The last stage of MHC, over float32 embeddings. Each row chooses its own groups; rows that
    /// choose the same group may share the reading of it, so bytes are the expected number for
    /// groups chosen at random.
    private var visitedLabels: BenchWork.Stage {
        let (g, h, size) = (Double(groups), Double(hidden), Double(groupSize))
        let visited = Double(min(beam, groups))
        var missed = 1.0
        for _ in 0..<rows { missed *= 1 - visited / g }
        return BenchWork.Stage(
            format: .float32, operations: 2 * Double(rows) * visited * size * h,
            bytes: 4 * g * (1 - missed) * size * h)
    }

    /// The diagonal and heteroscedastic scale layers of HET-XL, which stay float32.
    private var covarianceLayers: BenchWork.Stage {
        let d = Double(features)
        return .product(
            rows: Double(rows), inputs: d, outputs: factors == 0 ? d : 2 * d, .float32)
    }

    /// Stages with shared noise: R + 1 noise directions and the location go through the weights,
    /// then every sample combines the directions.
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

    /// Stages with independent noise, the cheaper of two ways: every sample goes through the
    /// weights, or the covariance of the logits is factored.
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
