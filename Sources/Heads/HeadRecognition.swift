internal import Checkpoints

/// Finds the head in a checkpoint.
struct HeadRecognition {
    let manifest: ModelManifest
    let checkpoint: Checkpoint

    func head() throws(ModelError) -> any Head {
        let prefixes = HeteroscedasticRecognition.prefixes(in: checkpoint).filter {
            manifest.prefix == nil || manifest.prefix.map(slashed) == $0
        }
        if prefixes.count > 1 {
            throw .missingManifestKeys(
                keys: ["prefix"], reason: "there are heads at \(prefixes.joined(separator: ", "))")
        }
        if let prefix = prefixes.first, manifest.head?.isHeteroscedastic ?? true {
            return try HeteroscedasticRecognition(
                manifest: manifest, tensors: TensorTable(checkpoint: checkpoint, prefix: prefix)
            ).head()
        }
        if let head = try multiHead() { return head }
        throw .unrecognizedHead(
            path: checkpoint.path, tensors: checkpoint.tensors.map(\.name))
    }

    private func multiHead() throws(ModelError) -> (any Head)? {
        try MultiHeadRecognition(
            manifest: manifest,
            tensors: TensorTable(checkpoint: checkpoint, prefix: manifest.prefix.map(dotted) ?? "")
        ).head()
    }

    private func slashed(_ prefix: String) -> String {
        prefix.isEmpty || prefix.hasSuffix("/") ? prefix : prefix + "/"
    }

    private func dotted(_ prefix: String) -> String {
        prefix.isEmpty || prefix.hasSuffix(".") ? prefix : prefix + "."
    }
}

extension HeadKind {
    fileprivate var isHeteroscedastic: Bool { self == .het || self == .hetXL }
}
