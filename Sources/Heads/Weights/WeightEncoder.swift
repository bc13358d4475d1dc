internal import Checkpoints
internal import LogitKernels

/// The type in which a conversion stores the weight matrices of a head.
package enum StoredWeights: String, Sendable, CaseIterable {
    case float32
    case bfloat16
    /// Eight bits and one scale an output.
    case int8
}

/// One tensor of a converted file: whose numbers it takes, and in which type.
struct WeightEncoder {
    /// The part of the source that is stored.
    enum Content {
        /// The elements of this tensor.
        case elements(Tensor)
        /// The weights of a matrix, times their scales where it was stored in int8.
        case weights(Tensor, PackedWeights.Layout)
        /// The integers of the matrix whose scales are these.
        case integers(Tensor, WeightScales)
        case scales(WeightScales)
    }

    let description: TensorDescription
    let content: Content
    let checkpoint: Checkpoint

    /// Elements that are converted at a time: 1 MiB of Floats.
    private static let blockElementCount = 1 << 18

    /// Calls `body` with the bytes, little-endian, in order and in pieces.
    func forEachPiece(_ body: ([UInt8]) -> Void) throws(ModelError) {
        let type = description.elementType
        switch content {
        case .scales(let scales):
            body(Self.bytes(scales.values.span, as: type))
        case .elements(let tensor):
            do {
                try tensor.forEachBlock(of: Self.blockElementCount) { block in
                    body(Self.bytes(block, as: type))
                }
            } catch {
                throw .checkpoint(error)
            }
        case .weights(let tensor, let layout):
            var lost: Float?
            try table.forEachRows(of: tensor.name, width: tensor.shape.last ?? 1, layout) { rows in
                if type == .bfloat16 { lost = lost ?? Self.firstBeyondBfloat16(rows) }
                body(Self.bytes(rows, as: type))
            }
            if let lost {
                throw .weightRange(
                    tensor: tensor.name, value: Double(lost), reason: "too large for bfloat16")
            }
        case .integers(let tensor, let scales):
            let width = tensor.shape.last ?? 1
            var firstRow = 0
            try table.forEachRows(of: tensor.name, width: width, scales.layout) { rows in
                body(scales.integers(nearestTo: rows, firstRow: firstRow, width: width))
                firstRow += rows.count / width
            }
        }
    }

    private var table: TensorTable { TensorTable(checkpoint: checkpoint, prefix: "") }

    /// Numbers in one of the types that are written, rounded to the nearest.
    private static func bytes(_ values: Span<Float>, as type: ElementType) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(values.count * type.byteCount)
        for index in values.indices {
            let value = values[index]
            switch type {
            case .float16: append(Float16(value).bitPattern, to: &bytes)
            case .bfloat16: append(bfloat16(value), to: &bytes)
            case .int8: append(UInt8(bitPattern: Int8(value)), to: &bytes)
            default: append(value.bitPattern, to: &bytes)
            }
        }
        return bytes
    }

    private static func append(_ bits: some FixedWidthInteger, to bytes: inout [UInt8]) {
        for byte in 0..<(bits.bitWidth / 8) {
            bytes.append(UInt8(truncatingIfNeeded: bits >> (8 * byte)))
        }
    }

    /// The first number that would be rounded to an infinity.
    static func firstBeyondBfloat16(_ values: Span<Float>) -> Float? {
        let infinity: UInt16 = 0x7f80
        return values.indices.first { bfloat16(values[$0]) & infinity == infinity }
            .map { values[$0] }
    }

    /// Rounds a finite number to the nearest bfloat16, ties to even.
    static func bfloat16(_ value: Float) -> UInt16 {
        let bits = value.bitPattern
        return UInt16((bits + 0x7fff + (bits >> 16 & 1)) >> 16)
    }
}

extension WeightScales {
    /// Integers are at most this large; -128 is left out so that the range is symmetric.
    private static let maxInteger: Float = 127

    /// The scales that bring the largest weight of each output to the largest integer.
    static func fitting(
        _ tensor: Tensor, _ layout: PackedWeights.Layout, of checkpoint: Checkpoint
    ) throws(ModelError) -> WeightScales {
        let width = tensor.shape.last ?? 1
        let outputs = shape(of: tensor.shape, layout).reduce(1, *)
        var largest = [Float](repeating: 0, count: outputs)
        var firstRow = 0
        let table = TensorTable(checkpoint: checkpoint, prefix: "")
        try table.forEachRows(of: tensor.name, width: width, layout) { rows in
            for index in rows.indices {
                let output = output(of: index, firstRow: firstRow, width: width, layout)
                largest[output] = max(largest[output], abs(rows[index]))
            }
            firstRow += rows.count / width
        }
        return WeightScales(values: largest.map { $0 / maxInteger }, layout: layout)
    }

    /// The integers nearest to weights over their scales, ties to even, as bytes; 0 where the
    /// scale is.
    func integers(nearestTo rows: Span<Float>, firstRow: Int, width: Int) -> [UInt8] {
        rows.indices.map { index in
            let output = Self.output(of: index, firstRow: firstRow, width: width, layout)
            let scale = values[output]
            let steps = scale > 0 ? (rows[index] / scale).rounded(.toNearestOrEven) : 0
            let limit = Self.maxInteger
            return UInt8(bitPattern: Int8(min(max(steps, -limit), limit)))
        }
    }
}
