import CLogitKernels

/// The precision of the loadings and draws of shared noise. Sums and the location are float32 in
/// both cases.
package enum NoisePrecision: Sendable {
    case float32
    /// Twice as many products per cycle if the instruction set has them, else the same as
    /// `float32`.
    ///
    /// The relative error of loadings and draws is at most 2⁻⁹, so a logit with noise of standard
    /// deviation σ is off by about σ/800 (root of the sum of squares of uniform roundings). The
    /// error of a mean of S samples is about σ p / √S: at S = 1000, some 25 times that.
    case bfloat16
}

/// The tempered logits of one row under shared noise, u = m + A ζ, packed for
/// `SampleMoments.add`: base 2, in panels of 32 classes. About 4·K·(R+2) bytes, 2·K·(R+3) in
/// bfloat16, taken from the kernel's shelf and put back in deinit.
// Safety: the block is written before `init` returns and only read after that.
package final class NoisyLogits: @unchecked Sendable {
    /// K.
    package let classCount: Int
    /// Draws per sample: columns of A, including the diagonal's.
    package let rank: Int
    /// Whether m and A are finite and below 1e30 in magnitude, so that no logit overflows. If not,
    /// they must not be sampled.
    package let isSafe: Bool

    /// The principal axes of the noise, where they were wanted and there are any.
    package let axes: PrincipalAxes?

    let isBFloat16: Bool
    /// The class with the largest location.
    let reference: Int
    private let shelf: ScratchShelf
    private let block: ScratchBlock
    private let loadingsOffset: Int

    /// Packs `rows`, (R+1)×K with the location, before its bias, as the last row. `fill` is called
    /// for ranges of whole panels and writes the classes of a range before they are read, with
    /// `products` multiply-adds per value.
    init(
        rows: UnsafeBufferPointer<Float>, classCount: Int, bias: UnsafePointer<Float>?,
        temperature: Float, precision: NoisePrecision, hasAxes: Bool, kernel: LogitKernel,
        products: Int = 1,
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
        let scale = NoisePanels.log2OfE / temperature
        isSafe = unsafe NoisePanels(
            rows: rows, classCount: classCount, bias: bias,
            scale: scale, isBFloat16: isBFloat16, location: location,
            loadings: block.values(
                UInt8.self, at: loadingsOffset, count: panelCount * panelSize)
        ).pack(kernel, products: Double(rows.count) * Double(products), fill: fill)
        var largest = 0
        for k in 0..<classCount where unsafe location[k] > location[largest] { largest = k }
        reference = largest
        unsafe axes =
            hasAxes && isSafe
            ? kernel.principalAxes(
                UnsafeBufferPointer(rebasing: rows[..<(rank * classCount)]), rank: rank,
                scale: 1 / temperature, location: UnsafeBufferPointer(location)) : nil
    }

    deinit { shelf.put(block) }

    /// Calls `body` with the kernel's view of the logits and draws, which must be made for them.
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
    /// The precision of noise for weights in this format.
    package var noisePrecision: NoisePrecision { self == .float32 ? .float32 : .bfloat16 }
}

extension LogitKernel {
    /// Logits whose noise passes through a layer: `columns` is (R+1)×D, the columns of the noise
    /// and then the mean, and `weights` is K×D with `bias` [K] or nil. The precision follows from
    /// the format of the weights.
    ///
    /// Takes one product with the weights, (R+2)·K·D multiply-adds. `temperature` divides every
    /// logit. Weights in bfloat16 are multiplied with the mean in full float32 precision, as three
    /// rows of bfloat16 that add up to it.
    package func noisyLogits(
        columns: Span<Float>, through weights: PackedWeights, bias: Span<Float>?,
        temperature: Float, hasAxes: Bool = false
    ) -> NoisyLogits {
        let (width, classCount) = (weights.inputCount, weights.outputCount)
        let rank = columns.count / width - 1
        precondition(rank >= 0 && columns.count == (rank + 1) * width, "columns are not rows×D")
        if let bias { precondition(bias.count == classCount, "bias is not K wide") }
        if weights.format == .bfloat16 {
            let columns = Self.splitMean(columns, width: width)
            return noisyLogits(columns.span, rank: rank, weights, bias, temperature, hasAxes)
        }
        return noisyLogits(columns, rank: rank, weights, bias, temperature, hasAxes)
    }

    /// The logits for `columns` that may end with further parts of the mean.
    private func noisyLogits(
        _ columns: Span<Float>, rank: Int, _ weights: PackedWeights, _ bias: Span<Float>?,
        _ temperature: Float, _ hasAxes: Bool
    ) -> NoisyLogits {
        let classCount = weights.outputCount
        let rowCount = columns.count / weights.inputCount
        let block = shelf.take(byteCount: rowCount * classCount * MemoryLayout<Float>.stride)
        defer { shelf.put(block) }
        let rows = unsafe block.values(Float.self, at: 0, count: rowCount * classCount)
        return unsafe columns.withUnsafeBufferPointer { columns in
            unsafe withOptionalPointer(bias) { bias in
                // Parts write disjoint classes, and all is done before the pointers expire.
                nonisolated(unsafe) let (columns, target) = (
                    columns.baseAddress, rows.baseAddress
                )
                return unsafe NoisyLogits(
                    rows: UnsafeBufferPointer(rebasing: rows[..<((rank + 1) * classCount)]),
                    classCount: classCount, bias: bias, temperature: temperature,
                    precision: weights.format.noisePrecision, hasAxes: hasAxes, kernel: self,
                    products: weights.inputCount
                ) { classes in
                    unsafe denseTile(columns, rowCount, weights, classes, target)
                    unsafe joinMean(target, rank..<rowCount, classCount, classes)
                }
            }
        }
    }

    /// Adds the rows of the mean's further parts to the row of its first part.
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

    /// The columns with their last row, the mean, split into three parts of eight significant bits.
    static func splitMean(_ columns: Span<Float>, width: Int) -> [Float] {
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

    /// Logits whose noise does not pass through a layer: `rows` is (R+1)×K, the columns of A and
    /// then the location; `bias` [K] is added to the location. `temperature` divides every logit.
    package func noisyLogits(
        rows: Span<Float>, classCount: Int, bias: Span<Float>?, temperature: Float,
        precision: NoisePrecision, hasAxes: Bool = false
    ) -> NoisyLogits {
        precondition(classCount > 0 && rows.count % classCount == 0 && !rows.isEmpty, "not rows×K")
        if let bias { precondition(bias.count == classCount, "bias is not K wide") }
        return unsafe rows.withUnsafeBufferPointer { rows in
            unsafe withOptionalPointer(bias) { bias in
                unsafe NoisyLogits(
                    rows: rows, classCount: classCount, bias: bias, temperature: temperature,
                    precision: precision, hasAxes: hasAxes, kernel: self)
            }
        }
    }
}
