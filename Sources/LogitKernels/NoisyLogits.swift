import CLogitKernels

/// What the loadings and the draws of shared noise are rounded to. Sums are float32 either way, and
/// so is the location.
package enum NoisePrecision: Sendable {
    case float32
    /// Twice the products a cycle where the instruction set has them, elsewhere float32.
    ///
    /// Loadings and draws are off by 2⁻⁹ of themselves at most, so a logit with noise of standard
    /// deviation σ by about σ/800 (root of the sum of squares of uniform roundings). The error of a
    /// mean of S samples is about σ p / √S: at S = 1000, some 25 times that.
    case bfloat16
}

/// The tempered logits of one row under shared noise, u = m + A ζ, packed for
/// `SampleMoments.add`: base 2, in panels of 32 classes. About 4·K·(R+2) bytes, 2·K·(R+3) in
/// bfloat16, from the kernel's shelf and put back in the end.
// Safety: the block is written before `init` returns and only read from then on.
package final class NoisyLogits: @unchecked Sendable {
    /// K.
    package let classCount: Int
    /// Draws a sample takes: columns of A, the one of the diagonal included.
    package let rank: Int
    /// Whether m and A are finite and below 1e30 in size, so that no logit overflows. Where they
    /// are not, there is nothing to sample.
    package let isSafe: Bool

    let isBFloat16: Bool
    /// The class with the largest location.
    private let reference: Int
    private let shelf: ScratchShelf
    private let block: ScratchBlock
    private let loadingsOffset: Int

    /// `rows` is (R+1)×K with the location, before its bias, as the last row; `fill` writes the
    /// classes of a range, a multiple of panels, before they are read, by `products` multiply-adds
    /// a value.
    init(
        rows: UnsafeBufferPointer<Float>, classCount: Int, bias: UnsafePointer<Float>?,
        temperature: Float, precision: NoisePrecision, kernel: LogitKernel, products: Int = 1,
        fill: @Sendable (Range<Int>) -> Void = { _ in }
    ) {
        self.classCount = classCount
        rank = rows.count / classCount - 1
        isBFloat16 = precision == .bfloat16 && kernel.table.sampling.has_bfloat16_noise
        let panelCount = NoisePanels.count(classCount: classCount)
        let panelSize = logit_noise_bytes(rank, NoisePanels.width, isBFloat16)
        var layout = ScratchLayout()
        _ = layout.place(panelCount * NoisePanels.width * MemoryLayout<Float>.stride)
        loadingsOffset = layout.place(panelCount * panelSize)
        shelf = kernel.shelf
        block = shelf.take(byteCount: layout.byteCount)
        let location = unsafe block.values(
            Float.self, at: 0, count: panelCount * NoisePanels.width)
        isSafe = unsafe NoisePanels(
            rows: rows, classCount: classCount, bias: bias,
            scale: NoisePanels.log2OfE / temperature, isBFloat16: isBFloat16, location: location,
            loadings: block.values(
                UInt8.self, at: loadingsOffset, count: panelCount * panelSize)
        ).pack(kernel, products: Double(rows.count) * Double(products), fill: fill)
        var largest = 0
        for k in 0..<classCount where unsafe location[k] > location[largest] { largest = k }
        reference = largest
    }

    deinit { shelf.put(block) }

    /// Calls `body` with what the kernel samples from; the draws must be made for these logits.
    func withNoise(_ draws: NoiseDraws, _ body: (UnsafePointer<logit_noise>) -> Void) {
        precondition(draws.rank == rank && draws.isBFloat16 == isBFloat16, "draws of other logits")
        var noise = unsafe logit_noise(
            location: block.values(Float.self, at: 0, count: classCount).baseAddress,
            loadings: block.values(UInt8.self, at: loadingsOffset, count: 0).baseAddress,
            draws: draws.tiles, class_count: classCount, rank: rank, reference: reference,
            is_bfloat16: isBFloat16)
        unsafe body(&noise)
    }
}

extension WeightFormat {
    /// What noise is rounded to where weights are in this format.
    package var noisePrecision: NoisePrecision { self == .float32 ? .float32 : .bfloat16 }
}

extension LogitKernel {
    /// Logits whose noise goes through a layer: `columns` is (R+1)×D, the columns of the noise and
    /// then the mean, and `weights` K×D with `bias` [K] or nil. The precision is that of the format
    /// of the weights.
    ///
    /// One product with the weights, (R+2)·K·D multiply-adds. `temperature` divides every logit.
    /// Weights in bfloat16 meet the mean in float32, as three rows of bfloat16 that add up to it.
    package func noisyLogits(
        columns: Span<Float>, through weights: PackedWeights, bias: Span<Float>?,
        temperature: Float
    ) -> NoisyLogits {
        let (width, classCount) = (weights.inputCount, weights.outputCount)
        let rank = columns.count / width - 1
        precondition(rank >= 0 && columns.count == (rank + 1) * width, "columns are not rows×D")
        if let bias { precondition(bias.count == classCount, "bias is not K wide") }
        if weights.format == .bfloat16 {
            let columns = Self.splitMean(columns, width: width)
            return noisyLogits(columns.span, rank: rank, weights, bias, temperature)
        }
        return noisyLogits(columns, rank: rank, weights, bias, temperature)
    }

    /// `columns` may end with further parts of the mean.
    private func noisyLogits(
        _ columns: Span<Float>, rank: Int, _ weights: PackedWeights, _ bias: Span<Float>?,
        _ temperature: Float
    ) -> NoisyLogits {
        let classCount = weights.outputCount
        let rowCount = columns.count / weights.inputCount
        let block = shelf.take(byteCount: rowCount * classCount * MemoryLayout<Float>.stride)
        defer { shelf.put(block) }
        let rows = unsafe block.values(Float.self, at: 0, count: rowCount * classCount)
        return unsafe columns.withUnsafeBufferPointer { columns in
            unsafe withOptionalPointer(bias) { bias in
                // Parts write classes of their own, and all is done before the pointers expire.
                nonisolated(unsafe) let (columns, target) = (
                    columns.baseAddress, rows.baseAddress
                )
                return unsafe NoisyLogits(
                    rows: UnsafeBufferPointer(rebasing: rows[..<((rank + 1) * classCount)]),
                    classCount: classCount, bias: bias, temperature: temperature,
                    precision: weights.format.noisePrecision, kernel: self,
                    products: weights.inputCount
                ) { classes in
                    unsafe denseTile(columns, rowCount, weights, classes, target)
                    unsafe joinMean(target, rank..<rowCount, classCount, classes)
                }
            }
        }
    }

    /// Adds the rows of further parts of the mean to its first.
    private func joinMean(
        _ rows: UnsafeMutablePointer<Float>?, _ parts: Range<Int>, _ classCount: Int,
        _ classes: Range<Int>
    ) {
        guard parts.count == 3, let rows = unsafe rows else { return }
        let first = parts.lowerBound * classCount
        for k in first + classes.lowerBound..<first + classes.upperBound {
            unsafe rows[k] += rows[k + classCount] + rows[k + 2 * classCount]
        }
    }

    /// The columns with their last row in three parts of eight significant bits each.
    private static func splitMean(_ columns: Span<Float>, width: Int) -> [Float] {
        let upperBits: UInt32 = 0xffff_0000
        let mean = columns.count - width
        return [Float](count: columns.count + 2 * width) { result in
            for index in 0..<mean { result[index] = columns[index] }
            for index in mean..<columns.count {
                let first = Float(bitPattern: columns[index].bitPattern & upperBits)
                let rest = columns[index] - first
                let middle = Float(bitPattern: rest.bitPattern & upperBits)
                result[index] = first
                result[index + width] = middle
                result[index + 2 * width] = rest - middle
            }
        }
    }

    /// Logits with noise of their own: `rows` is (R+1)×K, the columns of A and then the location;
    /// `bias` [K] is added to the location. `temperature` divides every logit.
    package func noisyLogits(
        rows: Span<Float>, classCount: Int, bias: Span<Float>?, temperature: Float,
        precision: NoisePrecision
    ) -> NoisyLogits {
        precondition(classCount > 0 && rows.count % classCount == 0 && !rows.isEmpty, "not rows×K")
        if let bias { precondition(bias.count == classCount, "bias is not K wide") }
        return unsafe rows.withUnsafeBufferPointer { rows in
            unsafe withOptionalPointer(bias) { bias in
                unsafe NoisyLogits(
                    rows: rows, classCount: classCount, bias: bias, temperature: temperature,
                    precision: precision, kernel: self)
            }
        }
    }
}
