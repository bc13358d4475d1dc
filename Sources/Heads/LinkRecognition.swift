/// The link of a head whose weights do not show it.
struct LinkRecognition {
    let manifest: ModelManifest
    let rule: LinkRule
    /// What fixes the link, for messages.
    let reason: String

    /// nil when `model.json` has to say.
    var value: Link? {
        switch rule {
        case .asked: manifest.link
        case .usual(let link), .fixed(let link): manifest.link ?? link
        }
    }

    func setting() throws(ModelError) -> ManifestKeyRule {
        switch rule {
        case .asked: return (.link, .asked)
        case .usual(let link): return (.link, .standard(link.rawValue))
        case .fixed(let link):
            guard manifest.link ?? link == link else {
                throw .contradiction(
                    key: "link", reason: "\(reason) is a head with \(link.rawValue) link")
            }
            return (.link, .file(link.rawValue))
        }
    }
}
