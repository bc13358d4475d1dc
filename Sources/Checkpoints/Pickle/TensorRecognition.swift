/// A record in a pickle, as far as tensors go.
enum TensorRecognition {
    case view(TorchTensor)
    case array(PickledArray)
    case malformed(constructor: PickleNode.Name)
    case unread(UnreadKind)

    /// Recognises the constructors of tensors and arrays; nil for any other record. O(1).
    /// `level` counts the records around it that are part of the tensor.
    init?(_ record: PickleNode, in document: PickleDocument, level: Int = 0) {
        guard record.name.mayMakeTensor,
            let found = TorchTensor.recognize(record, in: document, level: level)
                ?? PickledArray.recognize(record, in: document)
        else { return nil }
        self = found
    }

    /// The number of dimensions; nil where it is not known.
    var dimensionCount: Int? {
        switch self {
        case .view(let view): view.sizes.count
        case .array(let array): array.sizes.count
        case .unread(let kind): kind.sizes?.count
        case .malformed: nil
        }
    }
}
