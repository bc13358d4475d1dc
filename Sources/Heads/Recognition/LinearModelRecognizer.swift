internal import Predictions

/// Recognises linear classifiers of scikit-learn by `coef_` [K, D], of two classes [1, D], which
/// stands beside `intercept_` and perhaps `classes_` in a `.npz` file.
struct LinearModelRecognizer: HeadRecognizer {
    func candidates(in places: HeadPlaces) throws(ModelError) -> [any RecognizedHead] {
        let manifest = places.manifest
        guard manifest.head ?? .dense == .dense, manifest.tensors?.weight == nil,
            manifest.tensors?.heads == nil
        else { return [] }
        let found = places.names.filter { $0.lastPart == LinearModel.coefficients }
        return places.named(found) { $0 }.map { name in
            DenseRecognition(
                places, LinearModel.layer(name, in: places.table("")), origin: .linearModel)
        }
    }
}
