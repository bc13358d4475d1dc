internal import Predictions

/// The way one implementation stores a HET or HET-XL head. A layout knows names, shapes and its
/// law; the settings of `model.json` are not its business.
protocol HeteroscedasticLayout: Sendable {
    /// The layout at the place of the tensor called `name`; nil where that is not the layout's
    /// marker.
    init?(markedBy name: String, in places: HeadPlaces)

    /// The implementation, for people.
    var origin: String { get }
    /// The tensor by which the layout was recognised, below the prefix of `tensors`.
    var marker: String { get }
    var tensors: TensorTable { get }
    /// The location layer, below the prefix of `tensors`.
    var location: String { get }
    /// Full paths of the layers that belong to the head; no other head has one of them.
    var layers: [String] { get }
    /// Whether layers have the names and places of JAX or those of PyTorch.
    var isJAX: Bool { get }
    var law: HeteroscedasticLaw { get }
    /// The only kind that the implementation writes; nil where shapes or `model.json` decide.
    var onlyKind: HeadKind? { get }

    /// Sizes and names of the layers, all shapes checked against one another but for the width
    /// of the noise.
    func shape() throws(ModelError) -> HeteroscedasticShape

    /// The layers of every member of the head, weights read and finite; one member but for
    /// BatchEnsemble.
    func members(_ shape: HeteroscedasticShape) throws(ModelError) -> [HeteroscedasticLayers]
}

extension HeteroscedasticLayout {
    /// The prefix, with the shape of the location layer.
    var place: HeadPlace {
        HeadPlace(
            name: tensors.prefix, shape: tensors.shape(location + (isJAX ? "/kernel" : ".weight")))
    }

    /// The path of the module beside whose layers the head stands. A head of the JAX code is a
    /// module of its own.
    var module: String {
        let path = tensors.prefix.trimmedPath
        return isJAX ? path.parentPath : path
    }

    var layers: [String] { [tensors.prefix + location] }
}

/// The layers of a HET or HET-XL head by their shapes.
struct HeteroscedasticShape: Sendable, Equatable {
    /// D → K.
    let location: LayerShape
    /// D → N.
    let diagonal: LayerShape
    let loadings: Loadings
    /// Rank R.
    let factorCount: Int
    /// 1 where the temperature was learned.
    let temperatureCount: Int

    /// The same cases as `FactorLoadings`, by shapes.
    enum Loadings: Sendable, Equatable {
        case absent
        case full(LayerShape)
        /// The homoscedastic layer has R inputs.
        case efficient(scale: LayerShape, homoscedastic: LayerShape)

        var layers: [LayerShape] {
            switch self {
            case .absent: []
            case .full(let layer): [layer]
            case .efficient(let scale, let homoscedastic): [scale, homoscedastic]
            }
        }
    }

    var featureCount: Int { location.inputCount }
    var classCount: Int { location.outputCount }
    /// N.
    var latentCount: Int { diagonal.outputCount }
    private var noiseLayers: [LayerShape] { [diagonal] + loadings.layers }
    var layers: [LayerShape] { [location] + noiseLayers }

    /// Members E of the ensembled layers; nil when none is.
    var memberCount: Int? { layers.lazy.compactMap(\.memberCount).first }

    /// Numbers the head stores.
    var parameterCount: Int { layers.reduce(temperatureCount) { $0 + $1.parameterCount } }

    /// The same if the noise were `latentCount` wide, which changes the noise layers alone: they
    /// have N or N·R outputs. nil from 2⁵³ on.
    func parameterCount(latentCount: Int) -> Int? {
        let noise = noiseLayers.reduce(0.0) { sum, layer in
            let outputsForOne = Double(layer.outputCount / self.latentCount)
            return sum + layer.parameterCount(outputCount: outputsForOne * Double(latentCount))
        }
        let count = Double(temperatureCount + location.parameterCount) + noise
        return count < 0x1p53 ? Int(count) : nil
    }
}

/// The layers of one member of a HET or HET-XL head.
struct HeteroscedasticLayers: Sendable {
    let location: DenseLayer
    let diagonal: DenseLayer
    let loadings: FactorLoadings
}
