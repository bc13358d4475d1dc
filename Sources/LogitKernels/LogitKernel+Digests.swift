import CLogitKernels

/// The arrays of a batch's digests while threads write them, each its own pieces.
// Safety: pieces are disjoint, and the pointers are used only inside the call that lends them.
@safe private struct DigestTarget: @unchecked Sendable {
    let maxima: UnsafeMutablePointer<Float>
    let pieces: UnsafeMutablePointer<PieceSums>
    let classCount: Int

    /// The place of the maxima of a row's piece.
    func maxima(_ row: Int, _ piece: Int) -> UnsafeMutablePointer<Float> {
        let first = piece * LogitKernel.pieceClassCount / panelWidth
        return unsafe maxima + row * RowDigests.panelCount(classCount) + first
    }

    func put(_ sums: PieceSums, _ row: Int, _ piece: Int) {
        let place = row * RowDigests.pieceCount(classCount) + piece
        unsafe (pieces + place).initialize(to: sums)
    }
}

extension LogitKernel {
    /// Classes of a piece of `RowDigests`: their logits stay in the L1 cache while they are
    /// reduced, and joining the pieces takes a hundredth of the time of that.
    package static let pieceClassCount = 2048

    /// Logits below which `digests` stays on the calling thread: about 10 µs.
    private static let parallelLogits = 1 << 14

    /// Floats of logits between product and reduction, or a piece of each row of a block if that is
    /// more: 256 to 512 KiB, which stay in a core's own cache.
    private static let blockLogits = 1 << 16

    /// Rows of one product of `digests`; each reading of the weights serves as many.
    private static let blockRows = 64

    /// Parts per thread on average, so that one late thread does not delay the call.
    private static let partsPerThread = 4

    /// The digests of rows of K ≥ 1 logits, row-major. Reads them once.
    package func digests(
        of logits: Span<Float>, rowCount: Int, _ link: RowLink
    ) -> RowDigests {
        let classCount = rowCount == 0 ? 1 : logits.count / rowCount
        return digests(rowCount: rowCount, classCount: classCount, link) { target in
            unsafe logits.withUnsafeBufferPointer { logits in
                nonisolated(unsafe) let source = logits.baseAddress
                let pieceCount = RowDigests.pieceCount(classCount)
                let size = max(1, Self.blockLogits / Self.pieceClassCount)
                let parts = (pieceCount + size - 1) / size
                let isSmall = logits.count < Self.parallelLogits
                pool.forEach(rowCount * parts, isSmall: isSmall) { index in
                    let (row, first) = (index / parts, index % parts * size)
                    guard let start = unsafe source.map({ unsafe $0 + row * classCount }) else {
                        return
                    }
                    for piece in first..<min(first + size, pieceCount) {
                        unsafe digest(
                            start + piece * Self.pieceClassCount, row, piece, link, target)
                    }
                }
            }
        }
    }

    /// The digests of the rows of logits that `dense` would write, which are never in memory: a
    /// block of classes is reduced while its logits are in the cache. They have the same bits.
    package func digests(
        _ inputs: Span<Float>, rowCount: Int, _ weights: PackedWeights, bias: Span<Float>?,
        _ link: RowLink
    ) -> RowDigests {
        let (width, classCount) = (weights.inputCount, weights.outputCount)
        precondition(inputs.count == rowCount * width, "inputs")
        if let bias { precondition(bias.count == classCount, "bias is not K wide") }
        let size = Self.piecesAtOnce(rowCount, classCount, threadCount: pool.threadCount)
        let parts = (RowDigests.pieceCount(classCount) + size - 1) / size
        return digests(rowCount: rowCount, classCount: classCount, link) { target in
            unsafe inputs.withUnsafeBufferPointer { inputs in
                unsafe withOptionalPointer(bias) { bias in
                    // Parts write disjoint pieces, and all is done before the pointers expire.
                    nonisolated(unsafe) let (inputs, bias) = unsafe (inputs, bias)
                    pool.forEach(parts, isSmall: rowCount * classCount < Self.parallelLogits) {
                        part in
                        let block = part * size * Self.pieceClassCount
                        let end = min(block + size * Self.pieceClassCount, classCount)
                        for first in stride(from: 0, to: rowCount, by: Self.blockRows) {
                            let rows = first..<min(first + Self.blockRows, rowCount)
                            unsafe digestBlock(
                                inputs, rows, weights, bias, block..<end, link, target)
                        }
                    }
                }
            }
        }
    }

    /// Lends the logits of one row of inputs for a range of classes to `body`, computed on the
    /// calling thread; they have the bits that `dense` writes.
    package func withLogits<Result>(
        _ input: Span<Float>, _ weights: PackedWeights, bias: Span<Float>?, of classes: Range<Int>,
        _ body: (Span<Float>) -> Result
    ) -> Result {
        precondition(input.count == weights.inputCount, "one row")
        precondition(
            classes.lowerBound >= 0 && classes.upperBound <= weights.outputCount, "classes")
        let first = classes.lowerBound / panelWidth * panelWidth
        return withScratch(count: classes.upperBound - first) { logits in
            unsafe logits.withUnsafeMutableBufferPointer { logits in
                unsafe input.withUnsafeBufferPointer { input in
                    unsafe withOptionalPointer(bias) { bias in
                        unsafe product(
                            input.baseAddress, 1, weights, bias, first..<classes.upperBound,
                            logits.baseAddress)
                    }
                }
            }
            return body(logits.span.extracting(droppingFirst: classes.lowerBound - first))
        }
    }

    private static func piecesAtOnce(
        _ rowCount: Int, _ classCount: Int, threadCount: Int
    ) -> Int {
        let fitting = blockLogits / (pieceClassCount * max(1, min(rowCount, blockRows)))
        let share = RowDigests.pieceCount(classCount) / (threadCount * partsPerThread)
        return max(1, min(fitting, share))
    }

    private func digests(
        rowCount: Int, classCount: Int, _ link: RowLink, _ write: (DigestTarget) -> Void
    ) -> RowDigests {
        let pieceCount = rowCount * RowDigests.pieceCount(classCount)
        var pieces: [PieceSums] = []
        let maxima = [Float](count: rowCount * RowDigests.panelCount(classCount)) { maxima in
            unsafe maxima.withUnsafeMutableBufferPointer { maxima in
                pieces = unsafe [PieceSums](unsafeUninitializedCapacity: pieceCount) {
                    buffer, written in
                    guard let maxima = maxima.baseAddress, let sums = buffer.baseAddress else {
                        return
                    }
                    unsafe write(
                        DigestTarget(maxima: maxima, pieces: sums, classCount: classCount))
                    written = pieceCount
                }
            }
        }
        return RowDigests(link: link, classCount: classCount, maxima: maxima, pieces: pieces)
    }

    /// Computes the logits of some rows for a block of classes and reduces them piece by piece.
    private func digestBlock(
        _ inputs: UnsafeBufferPointer<Float>, _ rows: Range<Int>, _ weights: PackedWeights,
        _ bias: UnsafePointer<Float>?, _ classes: Range<Int>, _ link: RowLink,
        _ target: DigestTarget
    ) {
        let block = shelf.take(byteCount: rows.count * classes.count * MemoryLayout<Float>.stride)
        defer { shelf.put(block) }
        let logits = unsafe block.values(Float.self, at: 0, count: rows.count * classes.count)
        guard let start = logits.baseAddress else { return }
        let source = unsafe inputs.baseAddress.map {
            unsafe $0 + rows.lowerBound * weights.inputCount
        }
        unsafe product(source, rows.count, weights, bias, classes, start)
        for (place, row) in rows.enumerated() {
            for first in stride(from: 0, to: classes.count, by: Self.pieceClassCount) {
                let piece = (classes.lowerBound + first) / Self.pieceClassCount
                unsafe digest(start + place * classes.count + first, row, piece, link, target)
            }
        }
    }

    /// Writes the logits of rows for classes that begin at a panel, rows × these classes.
    private func product(
        _ inputs: UnsafePointer<Float>?, _ rowCount: Int, _ weights: PackedWeights,
        _ bias: UnsafePointer<Float>?, _ classes: Range<Int>, _ output: UnsafeMutablePointer<Float>?
    ) {
        unsafe weights.withKernelWeights(of: classes) { part in
            unsafe table.products.dense(
                inputs, rowCount, part, 0, classes.count,
                bias.map { unsafe $0 + classes.lowerBound }, output, classes.count)
        }
    }

    private func digest(
        _ logits: UnsafePointer<Float>, _ row: Int, _ piece: Int, _ link: RowLink,
        _ target: DigestTarget
    ) {
        let first = piece * Self.pieceClassCount
        let count = min(Self.pieceClassCount, target.classCount - first)
        let maxima = unsafe target.maxima(row, piece)
        unsafe table.links.panel_maxima(logits, count, maxima)
        var largest = unsafe maxima[0]
        for panel in 1..<max(1, RowDigests.panelCount(count)) {
            largest = unsafe max(largest, maxima[panel])
        }
        let maximum = largest * link.scale
        var sums = logit_row_sums()
        let isFinite = unsafe table.links.sum_row(
            logits, count, link.kernelLink, link.scale, maximum, &sums)
        target.put(
            PieceSums(
                largest: largest, maximum: maximum, normalizer: sums.scale, entropy: sums.entropy,
                isFinite: isFinite), row, piece)
    }
}

extension PackedWeights {
    /// Calls `body` with the kernels' view of the weights of classes that begin at a panel.
    fileprivate func withKernelWeights(
        of classes: Range<Int>, _ body: (UnsafePointer<logit_weights>) -> Void
    ) {
        unsafe withKernelWeights { weights in
            var part = unsafe weights.pointee
            let words = logit_words(format.kernelFormat, inputCount)
            unsafe part.panels = part.panels + classes.lowerBound * words
            if format == .int8 { unsafe part.scales = part.scales + classes.lowerBound }
            unsafe part.output_count = classes.count
            unsafe body(&part)
        }
    }
}
