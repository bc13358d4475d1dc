/// The way in which a tensor of a pickle is made, where that way is not read.
struct UnreadKind {
    /// As in `UnreadTensor`.
    let type: String
    let reason: String
    /// Sizes as the pickle has them; nil where its place among the arguments is not known.
    private(set) var sizes: [PickleValue]?
    /// Whether it is NumPy's.
    private(set) var isArray = false

    /// An object made by `constructor`, of which only the name is known.
    init(_ constructor: PickleNode.Name) {
        let name = constructor.excerpt
        type = Self.types.first { name.contains($0.part) }?.type ?? "an object"
        reason = "it is made by \(name), which is not read"
    }

    /// A tensor of another kind than plain ones, made by `constructor` from `arguments`.
    init(
        _ constructor: PickleNode.Name, _ arguments: [PickleValue], in document: PickleDocument
    ) {
        self.init(constructor)
        guard let place = Self.sizePlaces[constructor.name], arguments.indices.contains(place)
        else { return }
        sizes = document.sizes(arguments[place])
    }

    init(type: String, reason: String, sizes: [PickleValue]? = nil, isArray: Bool = false) {
        self.isArray = isArray
        self.type = type
        self.reason = reason
        self.sizes = sizes
    }

    /// Terms for parts of the names of PyTorch's constructors; the first that fits.
    private static let types: [(part: String, type: String)] = [
        ("qtensor", "quantised"), ("sparse", "sparse"), ("nested", "nested"),
        ("meta_tensor", "without data"), ("subclass", "a subclass of Tensor"),
        ("from_type", "a subclass of Tensor"), ("_rebuild_", "a tensor of another kind"),
    ]

    /// The place of the sizes among the arguments of each constructor that has them.
    private static let sizePlaces = [
        "_rebuild_qtensor": 2, "_rebuild_meta_tensor_no_storage": 1, "_rebuild_wrapper_subclass": 2,
    ]

    /// The tensor called `name`. Sizes that are no integers, or more than `maxDimensions`, are left
    /// out.
    func tensor(named name: String, maxDimensions: Int) -> UnreadTensor {
        var shape: [Int]?
        if let sizes, sizes.count <= maxDimensions {
            let integers = sizes.compactMap { size -> Int? in
                if case .int(let integer) = size { integer } else { nil }
            }
            if integers.count == sizes.count { shape = integers }
        }
        return UnreadTensor(name: name, shape: shape, type: type, reason: reason)
    }
}
