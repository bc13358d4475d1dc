/// The elements of a strided array in C order, as runs along its last dimension.
///
/// Dimensions that continue each other without a gap are merged first, so an array in C order
/// is one run. Holds O(dimensions) memory.
struct StridedRuns: Sequence, IteratorProtocol {
    struct Run: Equatable {
        /// Offset of the run's first element from the array's first, in elements.
        let start: Int
        let stride: Int
        let count: Int
    }

    /// Outer dimensions, the last one fastest.
    private var sizes: [Int] = []
    private var strides: [Int] = []
    private var indices: [Int]
    private let runCount: Int
    private let runStride: Int
    private var start = 0
    private var isFinished: Bool

    init(shape: [Int], strides: [Int]) {
        isFinished = shape.contains(0)
        for (size, stride) in zip(shape, strides) where size != 1 {
            if let outer = self.strides.last, !isFinished, outer == stride &* size {
                self.sizes[self.sizes.count - 1] *= size
                self.strides[self.strides.count - 1] = stride
            } else {
                self.sizes.append(size)
                self.strides.append(stride)
            }
        }
        runCount = self.sizes.popLast() ?? 1
        runStride = self.strides.popLast() ?? 1
        indices = [Int](repeating: 0, count: self.sizes.count)
    }

    mutating func next() -> Run? {
        if isFinished { return nil }
        defer { advance() }
        return Run(start: start, stride: runStride, count: runCount)
    }

    private mutating func advance() {
        for dimension in sizes.indices.reversed() {
            indices[dimension] += 1
            start += strides[dimension]
            if indices[dimension] < sizes[dimension] { return }
            start -= strides[dimension] * sizes[dimension]
            indices[dimension] = 0
        }
        isFinished = true
    }
}
