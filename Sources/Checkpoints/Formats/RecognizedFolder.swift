internal import Glibc

/// Kinds of folders that hold models of other programs, as far as the names in them show.
package enum RecognizedFolder: Equatable, Sendable {
    /// `weights` is the file to be named as checkpoint, where there is one by a usual name.
    case huggingFace(weights: String?)
    case adapter
    case setFit
    case savedModel
    case tensorFlowCheckpoint
    case orbax
    case unpackedTorch
    case other

    /// Looks for files by their names; a few system calls, and no file is opened.
    package init(path: String) {
        func has(_ name: String) -> Bool { unsafe access("\(path)/\(name)", F_OK) == 0 }
        self =
            if has("adapter_config.json") {
                .adapter
            } else if has("model_head.pkl") {
                .setFit
            } else if has("saved_model.pb") || has("saved_model.pbtxt") {
                .savedModel
            } else if has("config.json") {
                .huggingFace(weights: Self.weights.first(where: has))
            } else if has("_CHECKPOINT_METADATA") || has("_METADATA") || has("manifest.ocdbt") {
                .orbax
            } else if has("data.pkl") && has("version") {
                .unpackedTorch
            } else if has("checkpoint") {
                .tensorFlowCheckpoint
            } else {
                .other
            }
    }

    /// Names that Hugging Face gives to weights, the preferred ones first.
    private static let weights = [
        "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin",
        "pytorch_model.bin.index.json",
    ]
}

extension RecognizedFolder: CustomStringConvertible {
    /// The kind, and the way to a checkpoint that is read.
    package var description: String {
        switch self {
        case .huggingFace(let weights?):
            "is a Hugging Face folder, not a checkpoint: write a model.json into it that says "
                + "\"checkpoint\": \"\(weights)\""
        case .huggingFace(nil):
            "is a Hugging Face folder without safetensors or PyTorch weights: save the model "
                + "with save_pretrained, and write a model.json that names the file"
        case .adapter:
            "is a folder of a PEFT adapter, which is no model of its own: merge it with "
                + "merge_and_unload and save the whole model"
        case .setFit:
            "is a SetFit folder, whose head is a scikit-learn pickle: save coef_, intercept_ and "
                + "classes_ of SetFitModel.from_pretrained(…).model_head with numpy.savez"
        case .savedModel:
            "is a TensorFlow SavedModel, which is not read: save the head's arrays with "
                + "numpy.savez, read by tf.saved_model.load(…).variables"
        case .tensorFlowCheckpoint:
            "is a folder of TensorFlow checkpoints, which are not read: save the head's arrays "
                + "with numpy.savez, read by tf.train.load_checkpoint"
        case .orbax:
            "is an Orbax checkpoint, which is not read: save the head's arrays with "
                + "numpy.savez, read by orbax.checkpoint"
        case .unpackedTorch:
            "is an unpacked PyTorch file: name the file itself, or pack it again as a ZIP "
                + "archive of this folder, without compression"
        case .other:
            "is a folder without a model.json: write one whose \"checkpoint\" names the file of "
                + "the weights, or name that file itself"
        }
    }
}
