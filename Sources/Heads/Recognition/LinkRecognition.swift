internal import Predictions

/// The link of a head, which its weights do not show.
struct LinkRecognition {
    let manifest: ModelManifest
    let rule: LinkRule
    /// The implementation and the place of the head, for messages.
    let origin: String
    let prefix: String

    /// nil when `model.json` must name it.
    var value: Link? {
        switch rule {
        case .required: manifest.link
        case .usual(let link), .fixed(let link): manifest.link ?? link
        }
    }

    func setting() throws(ModelError) -> ManifestKeyRule {
        switch rule {
        case .required: return (.link, .required)
        case .usual(let link): return (.link, .defaultValue(link.rawValue))
        case .fixed(let link):
            guard manifest.link ?? link == link else {
                let place = prefix.isEmpty ? "a head" : "the head '\(prefix)'"
                throw .contradiction(
                    key: "link", reason: "\(place) of \(origin) has \(link.rawValue) link")
            }
            return (.link, .checkpoint(link.rawValue))
        }
    }
}
