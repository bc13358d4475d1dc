/// A tensor of a pickle: a view of a storage beside it, or an array in it.
enum PickledTensor {
    case view(TorchTensor)
    case array(TensorLayout, MemberContents)
}

extension PickledArray {
    /// The array, once its bytes are found to be as many as type and shape need.
    func tensor(
        in document: PickleDocument, path: String, name: String, limits: ReadLimits
    ) throws(CheckpointError) -> PickledTensor {
        try ReadLimit.dimensionCount.check(
            sizes.count, atMost: limits.dimensionCount, path: path, part: "tensor \(name)")
        do throws(TensorDefect) {
            var shape: [Int] = []
            for size in sizes {
                guard case .int(let integer) = size else {
                    throw .malformedConstructor(constructor.full)
                }
                shape.append(integer)
            }
            guard let contents = bytes.contents(in: document, path: path, name: "pickle") else {
                throw .malformedConstructor(constructor.full)
            }
            let (layout, byteCount) = try TensorLayout.dense(
                element.type, shape, from: 0, isFortranOrder: isFortranOrder,
                isBigEndian: element.isBigEndian)
            guard byteCount == contents.byteCount else {
                throw .lengthMismatch(declared: byteCount, found: contents.byteCount)
            }
            return .array(layout, contents)
        } catch {
            throw .tensor(path: path, name: name, defect: error)
        }
    }
}
