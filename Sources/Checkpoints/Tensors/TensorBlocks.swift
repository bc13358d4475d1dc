extension Tensor {
    /// Calls `body` with all elements in C order (last index fastest), whatever order the file
    /// has, in blocks of `elementCount` (the last one may be shorter).
    ///
    /// Elements are converted as by `floats()`. Fails when the bytes are damaged or were changed
    /// meanwhile, which may be found only after the last block. Holds one block, and all bytes of a
    /// tensor that is deflated and not in C order; pages of the file are let go as they are passed.
    /// One pass.
    package func forEachBlock(
        of elementCount: Int, _ body: (Span<Float>) -> Void
    ) throws(CheckpointError) {
        precondition(elementCount > 0, "a block has elements")
        guard self.elementCount > 0 else {
            // Damage is found even where none of the bytes are wanted.
            _ = try contents.verified()
            return
        }
        if isDense {
            try forEachDenseBlock(of: elementCount, body)
        } else {
            try forEachStridedBlock(of: elementCount, body)
        }
    }

    var decoder: FloatDecoder {
        FloatDecoder(
            elementType: elementType, isBigEndian: layout.isBigEndian, isNegated: layout.isNegated)
    }

    /// Whether the elements lie in C order without gaps.
    var isDense: Bool {
        var runs = StridedRuns(shape: layout.shape, strides: layout.strides)
        guard let run = runs.next() else { return false }
        return run.count == elementCount && (run.stride == 1 || run.count == 1)
    }

    private func forEachDenseBlock(
        of blockCount: Int, _ body: (Span<Float>) -> Void
    ) throws(CheckpointError) {
        let width = elementType.byteCount
        let decoder = decoder
        var block = [Float](repeating: 0, count: min(blockCount, elementCount))
        let range = layout.firstByte..<layout.firstByte + elementCount * width
        try contents.forEachPiece(of: range, pieceByteCount: block.count * width) { piece in
            let run = StoredRun(firstByte: 0, stride: width, count: piece.count / width)
            decoder.decode(run, of: piece, into: &block)
            body(block.span.extracting(first: run.count))
        }
    }

    /// Runs of any length, cut where a block is full.
    private func forEachStridedBlock(
        of blockCount: Int, _ body: (Span<Float>) -> Void
    ) throws(CheckpointError) {
        let bytes = try contents.verified()
        let decoder = decoder
        var block = [Float](repeating: 0, count: min(blockCount, elementCount))
        var filled = 0
        bytes.withSpan { bytes in
            for run in StridedRuns(shape: layout.shape, strides: layout.strides) {
                let run = StoredRun(run, of: layout)
                var done = 0
                while done < run.count {
                    let part = StoredRun(
                        firstByte: run.firstByte + done * run.stride, stride: run.stride,
                        count: min(run.count - done, block.count - filled))
                    decoder.decode(part, of: bytes, into: &block, at: filled)
                    filled += part.count
                    done += part.count
                    if filled == block.count {
                        body(block.span)
                        filled = 0
                    }
                }
            }
        }
        if filled > 0 { body(block.span.extracting(first: filled)) }
        bytes.letGo()
        try contents.checkUnchanged()
    }
}
