/// The names that PyTorch modules give to their last layer and to what stands before it: those of
/// timm, torchvision, Hugging Face transformers, and the modules of this field's papers.
enum LayerNames {
    /// Last parts of the path of a layer that is a head by its name.
    static let heads: Set<String> = [
        "classifier", "fc", "head", "l0", "head_dist", "cls_classifier", "distillation_classifier",
        "last_linear", "output", "score", "logits", "logits_proj", "classif",
    ]

    /// Modules around a head: their last layer is one.
    static let modules: Set<String> = [
        "classifier", "classification_head", "fc", "head", "head_dist", "heads", "mlp_head",
        "cls_head", "classifiers",
    ]

    /// Last layers within `modules`.
    static let lastInModule: Set<String> = ["fc", "fc2", "head", "l", "linear", "out_proj"]

    /// Layers between a model's features and its head, which stand beside the head or anywhere
    /// before it.
    static let beforeHead: Set<String> = [
        "pre_classifier", "pre_logits", "pre_head", "fc_norm", "head_norm", "norm_head", "pooler",
        "projector", "sequence_summary", "feature_norm",
    ]

    /// Arrays of scikit-learn's StandardScaler, where they lie beside a linear model's.
    static let scaler: Set<String> = ["mean_", "scale_", "var_"]

    /// The names that are looked for, for people.
    static let lookedFor =
        (heads.sorted() + ["heads.head", "head.fc", "classifier.out_proj", "classifier.1"])
        .joined(separator: ", ") + " and the like (PyTorch), multiclass_head, multilabel_head, "
        + "head, batchensemble_head, output_projection (JAX), coef_ (scikit-learn)"

    /// Parts of the path that are the head's own name: 1 for `model.fc`, 2 for `model.head.fc` and
    /// `model.classifier.3`; 0 where it is none.
    static func count(of path: [Substring]) -> Int {
        guard let last = path.last else { return 0 }
        let module = path.dropLast().last.map(String.init) ?? ""
        let isLast = Int(last) != nil || lastInModule.contains(String(last))
        if modules.contains(module), isLast { return 2 }
        return heads.contains(String(last)) ? 1 : 0
    }
}
