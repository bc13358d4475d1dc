/// A kind of tensor inside a layer, beside its weight and bias, that changes what the layer
/// computes. Told by the name; raw values are the parts of names that show it.
enum LayerAddition: CaseIterable {
    case adapter
    case spectralNorm
    case pruning
    case quantization
    case scale
    case noise
    case normalization

    /// The kind of the tensor with this name below its layer's, which may be one number; nil
    /// for an unknown one.
    init?(_ name: String, isNumber: Bool) {
        guard let kind = LayerAddition(name) else { return nil }
        self = kind == .quantization && isNumber && name == "scale" ? .scale : kind
    }

    /// The kind by the name alone.
    init?(_ name: String) {
        let parts = name.split { $0 == "." || $0 == "/" }.map { $0.lowercased() }
        guard
            let kind = Self.allCases.first(where: { kind in
                parts.contains { part in kind.signs.contains { part.hasPrefix($0) } }
            })
        else { return nil }
        self = kind
    }

    /// Beginnings of the names of modules, in lower case, that stand only inside a layer.
    private static let modules = [
        "base_layer", "boft_", "bone_", "fourierft_", "hada_", "hra_", "ia3_", "lokr_", "lora_",
        "modules_to_save", "oft_", "original_module", "parametrizations", "poly_lora", "randlora",
        "road_", "shira_", "vblora", "vera_lambda",
    ]

    /// Whether a module of this name stands only inside a layer, whose outputs it changes.
    static func isModule(_ name: String) -> Bool {
        modules.contains { name.lowercased().hasPrefix($0) }
    }

    /// Beginnings of a part of the name, in lower case.
    private var signs: [String] {
        switch self {
        case .adapter:
            [
                "lora_", "ia3_", "magnitude", "base_layer", "original_module", "modules_to_save",
                "adapter", "hada_", "lokr_", "oft_", "vera_lambda", "boft_", "delta_", "bone_",
                "fourierft_", "hra_", "ln_tuning", "poly_lora", "randlora", "road_", "shira_",
                "trainable_tokens", "vblora",
            ]
        case .spectralNorm: ["weight_u", "_u", "_v"]
        case .pruning: ["weight_orig", "weight_mask", "bias_orig", "bias_mask", "mask"]
        case .quantization:
            [
                "weight_fake_quant", "activation_post_process", "fake_quant", "zero_point",
                "weight_scale", "weight_zero_point", "input_scale", "scale", "_packed_params",
                "qweight", "qzeros", "quant_state", "observer", "absmax", "scb", "min_val",
                "max_val", "g_idx", "quant_map", "weight_format",
            ]
        case .scale: []
        case .noise:
            [
                "sigma", "weight_sigma", "bias_sigma", "weight_mu", "bias_mu", "weight_epsilon",
                "bias_epsilon", "weight_rho", "bias_rho", "log_sigma", "rho", "epsilon",
            ]
        case .normalization: ["weight_g", "weight_v", "parametrizations", "fast_weight_"]
        }
    }

    /// One sentence on what such a tensor is, and the way out.
    var reason: String {
        switch self {
        case .adapter:
            "an adapter, which changes what the layer computes; merge it into the layer's weights "
                + "before saving (with PEFT: merge_and_unload)"
        case .spectralNorm:
            "a part of spectral normalisation, which is not computed here; remove it before "
                + "saving, so that the layer keeps its normalised weight"
        case .pruning:
            "a mask or the weights before it was applied; make the pruning permanent before saving "
                + "(torch.nn.utils.prune.remove)"
        case .quantization:
            "a scale, zero point or observer of quantisation; save the layer in floating point"
        case .scale:
            "one number that scales, as a cosine layer learns to multiply its logits; save the "
                + "layer without it and say its value in model.json, with \"normalize\", "
                + "\"normalize_weights\" and \"scale\" for a cosine layer; where it is of "
                + "quantisation, save the layer in floating point"
        case .noise:
            "the scale of noise or of a cosine layer, or a mean that stands beside it; save the "
                + "layer as the plain dense layer it is at inference"
        case .normalization:
            "a part of a normalised or parametrised layer that is not known; remove the "
                + "parametrisation before saving"
        }
    }

    static let unknownReason =
        "a layer has weight and bias, and nothing is known of anything else below its name"
}
