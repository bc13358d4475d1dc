/// The ways in which the `prefix` of `model.json` names a place in a checkpoint, the better ones
/// first.
enum PrefixMatch: Comparable {
    /// It is the place's own path.
    case exact
    /// It is the path of a module around the place, from the file's root.
    case around
    /// It is the last part of the path, or names a module around the place further in.
    case within

    /// nil where the prefix does not name the place.
    init?(_ prefix: String, of place: String) {
        if place == prefix {
            self = .exact
        } else if prefix.isEmpty || place.isBelow(prefix) {
            self = .around
        } else if Self.ends(place, with: prefix) || Self.contains(place, prefix) {
            self = .within
        } else {
            return nil
        }
    }

    /// Whether the last parts of a path are these.
    static func ends(_ place: String, with parts: String) -> Bool {
        !parts.isEmpty && ["/", "."].contains { place.hasSuffix($0 + parts) }
    }

    private static func contains(_ place: String, _ parts: String) -> Bool {
        ["/", "."].contains { place.contains($0 + parts + $0) }
    }

    /// The places that a prefix names, those of the best match alone; all without a prefix.
    static func best<Place>(
        _ places: [Place], _ prefix: String?, path: (Place) -> String
    ) -> [Place] {
        guard let prefix else { return places }
        let matches = places.map { PrefixMatch(prefix, of: path($0)) }
        guard let best = matches.compactMap(\.self).min() else { return [] }
        return zip(places, matches).filter { $0.1 == best }.map(\.0)
    }
}
