/// How the elements of a tensor lie in its storage; in elements, not bytes.
struct TensorLayout: Sendable {
    let offset: Int
    /// One stride a dimension, none negative.
    let strides: [Int]
    let isContiguous: Bool
    let isBigEndian: Bool

    /// C or Fortran order from the start of the storage.
    init(shape: [Int], isFortranOrder: Bool, isBigEndian: Bool) {
        let strides =
            isFortranOrder
            ? Array(Self.rowMajor(shape.reversed()).reversed()) : Self.rowMajor(shape)
        self.init(
            offset: 0, strides: strides, shape: shape, isBigEndian: isBigEndian)
    }

    /// Strides as they were found; `isValid` says whether they make sense.
    init(offset: Int, strides: [Int], shape: [Int], isBigEndian: Bool) {
        self.offset = offset
        self.strides = strides
        self.isBigEndian = isBigEndian
        isContiguous = !isBigEndian && strides == Self.rowMajor(shape)
    }

    /// One past the last element that is read; 0 for an empty tensor. The numbers were checked
    /// by `checkedExtent`.
    func extent(of shape: [Int]) -> Int { checkedExtent(of: shape) ?? .max }

    /// The same; nil when a number is negative or a sum overflows.
    func checkedExtent(of shape: [Int]) -> Int? {
        guard strides.count == shape.count, offset >= 0, !strides.contains(where: { $0 < 0 })
        else { return nil }
        guard !shape.contains(0) else { return 0 }
        var last = offset
        for (length, stride) in zip(shape, strides) {
            let (reach, overflow) = (length - 1).multipliedReportingOverflow(by: stride)
            let (sum, carry) = last.addingReportingOverflow(reach)
            guard !overflow, !carry else { return nil }
            last = sum
        }
        return last == .max ? nil : last + 1
    }

    /// Π shape; nil when a length is negative or the product, in elements of up to 8 bytes,
    /// overflows.
    static func elementCount(_ shape: [Int]) -> Int? {
        guard !shape.contains(where: { $0 < 0 }) else { return nil }
        guard !shape.contains(0) else { return 0 }
        var product = 1
        for length in shape {
            let (next, overflow) = product.multipliedReportingOverflow(by: length)
            guard !overflow else { return nil }
            product = next
        }
        return product > Int.max / 8 ? nil : product
    }

    /// Strides of a tensor in C order. Lengths may be wild: they wrap, and are checked elsewhere.
    private static func rowMajor(_ shape: [Int]) -> [Int] {
        var strides = shape
        var stride = 1
        for dimension in shape.indices.reversed() {
            strides[dimension] = stride
            stride = stride &* shape[dimension]
        }
        return strides
    }
}

/// The place of the current element in C order.
struct StridedPosition {
    private let shape: [Int]
    private let strides: [Int]
    private var indices: [Int]
    private(set) var element: Int

    init(shape: [Int], layout: TensorLayout) {
        self.shape = shape
        strides = layout.strides
        indices = shape.map { _ in 0 }
        element = layout.offset
    }

    mutating func advance() {
        for dimension in shape.indices.reversed() {
            indices[dimension] += 1
            element += strides[dimension]
            if indices[dimension] < shape[dimension] { return }
            element -= indices[dimension] * strides[dimension]
            indices[dimension] = 0
        }
    }
}
