/// A place in a checkpoint, as it is named to people: a head, or a layer before one.
package struct HeadPlace: Sendable, Equatable, Encodable {
    /// The path of a layer, or the prefix of a head of several; may be empty.
    package let name: String
    /// The shape of its matrix; nil where it has several or none.
    package let shape: [Int]?
}

extension HeadPlace: CustomStringConvertible {
    package var description: String { "'\(name)'" + (shape.map { " \($0)" } ?? "") }

    /// Places as text, no more than a reader can take in.
    static func list(_ places: [HeadPlace]) -> String {
        let listed = places.prefix(8).map(\.description).joined(separator: ", ")
        return places.count > 8 ? "\(listed) and \(places.count - 8) more places" : listed
    }
}

extension ModelError {
    /// The refusal of a checkpoint with heads at several places, of which `model.json` must name
    /// one.
    static func severalPlaces(_ places: [HeadPlace]) -> ModelError {
        .missingManifestKeys(
            keys: ["prefix"], reason: "there are heads at \(HeadPlace.list(places))")
    }
}
