/// The places of a tensor's elements in the bytes of its member: a strided view, checked once so
/// that every element it reaches is inside.
struct TensorLayout: Sendable {
    let elementType: ElementType
    /// Sizes of the dimensions, the last one fastest in C order; empty for a scalar.
    let shape: [Int]
    /// Distance of neighbours along each dimension, in elements; zero where they are one element
    /// and where there are none.
    let strides: [Int]
    /// Offset in bytes of the element with all indices zero.
    let firstByte: Int
    let isBigEndian: Bool
    let elementCount: Int
    /// Whether each element is the negative of the fraction that is stored.
    var isNegated = false

    /// Lays `shape` over a storage of `storageCount` elements that begins at byte `baseByte` of
    /// its member; `firstElement` is the storage offset. Any overflow, negative number or element
    /// outside the storage is refused. The caller has checked that the storage is inside.
    init(
        elementType: ElementType, shape: [Int], strides: [Int], firstElement: Int,
        storageCount: Int, baseByte: Int, isBigEndian: Bool
    ) throws(TensorDefect) {
        guard shape.count == strides.count else {
            throw .strideCountDiffers(dimensions: shape.count, strides: strides.count)
        }
        for stride in strides where stride < 0 { throw .negativeStride(stride) }
        guard firstElement >= 0 else { throw .negativeOffset(firstElement) }
        elementCount = try Self.elementCount(of: shape)
        // PyTorch lets a tensor without elements begin anywhere, even behind its storage.
        let firstElement = elementCount == 0 ? 0 : firstElement
        let last = try Self.lastElement(shape, strides, from: firstElement)
        guard last < storageCount || elementCount == 0 else {
            throw .outsideStorage(lastElement: last, elementCount: storageCount)
        }
        let (offset, overflows) = firstElement.multipliedReportingOverflow(
            by: elementType.byteCount)
        let (firstByte, overflowsToo) = offset.addingReportingOverflow(baseByte)
        guard !overflows, !overflowsToo else { throw .sizeOverflow }
        self.elementType = elementType
        self.shape = shape
        // A stride over which nothing is reached may have any value in a file.
        let isEmpty = elementCount == 0
        self.strides = zip(shape, strides).map { isEmpty || $0 == 1 ? 0 : $1 }
        self.firstByte = firstByte
        self.isBigEndian = isBigEndian
    }

    /// The product of the sizes: 1 for a scalar, 0 when any size is 0.
    static func elementCount(of shape: [Int]) throws(TensorDefect) -> Int {
        for size in shape where size < 0 { throw .negativeSize(size) }
        if shape.contains(0) { return 0 }
        var count = 1
        for size in shape {
            let (product, overflows) = count.multipliedReportingOverflow(by: size)
            guard !overflows else { throw .sizeOverflow }
            count = product
        }
        return count
    }

    /// Bytes of all elements of an array of `shape`.
    static func byteCount(
        of shape: [Int], _ elementType: ElementType
    ) throws(TensorDefect) -> Int {
        let count = try elementCount(of: shape)
        let (byteCount, overflows) = count.multipliedReportingOverflow(by: elementType.byteCount)
        guard !overflows else { throw .sizeOverflow }
        return byteCount
    }

    /// An array without gaps that begins at byte `start` of its member, and its bytes, which the
    /// caller must check to be there.
    static func dense(
        _ elementType: ElementType, _ shape: [Int], from start: Int, isFortranOrder: Bool = false,
        isBigEndian: Bool = false
    ) throws(TensorDefect) -> (layout: TensorLayout, byteCount: Int) {
        let byteCount = try byteCount(of: shape, elementType)
        let layout = try TensorLayout(
            elementType: elementType, shape: shape,
            strides: denseStrides(of: shape, isFortranOrder: isFortranOrder), firstElement: 0,
            storageCount: byteCount / elementType.byteCount, baseByte: start,
            isBigEndian: isBigEndian)
        return (layout, byteCount)
    }

    /// Strides of an array without gaps: in C order, or in Fortran order (first index fastest).
    /// Sizes must be non-negative. A product that overflows belongs to an array without elements
    /// and is replaced by 1, as no element is reached over it.
    static func denseStrides(of shape: [Int], isFortranOrder: Bool) -> [Int] {
        var strides = shape
        var next = 1
        for dimension in isFortranOrder ? Array(shape.indices) : shape.indices.reversed() {
            strides[dimension] = next
            let (product, overflows) = next.multipliedReportingOverflow(by: shape[dimension])
            next = overflows ? 1 : product
        }
        return strides
    }

    /// Index in the storage of the element farthest from its start.
    private static func lastElement(
        _ shape: [Int], _ strides: [Int], from first: Int
    ) throws(TensorDefect) -> Int {
        var last = first
        if shape.contains(0) { return last }
        for (size, stride) in zip(shape, strides) {
            let (reach, overflows) = (size - 1).multipliedReportingOverflow(by: stride)
            let (sum, overflowsToo) = last.addingReportingOverflow(reach)
            guard !overflows, !overflowsToo else { throw .sizeOverflow }
            last = sum
        }
        return last
    }
}

extension TensorDefect: Error {}
