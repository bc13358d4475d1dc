internal import Predictions

/// The link of a head whose weights do not show it.
struct LinkRecognition {
    let manifest: ModelManifest
    let rule: LinkRule
    /// Whose head it is and where, for messages.
    let origin: String
    let prefix: String

    /// nil when `model.json` has to say.
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
