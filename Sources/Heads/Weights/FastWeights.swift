internal import LogitKernels

/// The fast weights and the bias of one member of a BatchEnsemble layer.
///
/// The member computes ((x ∘ α) K) ∘ γ + b, which is x W + b with W = diag(α) K diag(γ)
/// (edward2, `jax/nn/dense.py`): folded once, it costs no more than an ordinary layer.
struct FastWeights: Sendable {
    /// α, one number an input.
    let alpha: [Float]
    /// γ, one number an output.
    let gamma: [Float]
    /// One number an output.
    let bias: [Float]

    /// Rows of K from `firstInput` on, row-major, become those of W. Two roundings a weight.
    func fold(_ rows: inout [Float], firstInput: Int) {
        for start in stride(from: 0, to: rows.count, by: gamma.count) {
            let scale = alpha[firstInput + start / gamma.count]
            for (output, gain) in gamma.enumerated() { rows[start + output] *= scale * gain }
        }
    }
}

extension TensorTable {
    /// Each member's layer, folded and packed; a layer that is not a BatchEnsemble is packed once.
    /// Reads the kernel once a member; holds one block of it.
    func jaxMembers(_ layer: LayerShape) throws(ModelError) -> LayerMembers<DenseLayer> {
        guard let members = try fastWeights(layer) else {
            return LayerMembers(
                shared: try jaxLayer(
                    layer.name, inputs: layer.inputCount, outputs: layer.outputCount))
        }
        var layers: [DenseLayer] = []
        for member in members {
            layers.append(
                DenseLayer(weights: try folded(layer, with: member), bias: member.bias))
        }
        return LayerMembers(layers)
    }

    /// The layer from normal draws to factors, whose R inputs make it small: the kernel, R×N
    /// row-major, and the bias of each member.
    func homoscedastic(
        _ layer: LayerShape
    ) throws(ModelError) -> LayerMembers<(kernel: [Float], bias: [Float])> {
        let kernel = try values(layer.kernel, shape: [layer.inputCount, layer.outputCount])
        guard let members = try fastWeights(layer) else {
            let bias = try values(layer.name + "/bias", shape: [layer.outputCount])
            return LayerMembers(shared: (kernel, bias))
        }
        var kernels: [(kernel: [Float], bias: [Float])] = []
        for member in members {
            var folded = kernel
            member.fold(&folded, firstInput: 0)
            try requireFinite(folded.span, layer)
            kernels.append((folded, member.bias))
        }
        return LayerMembers(kernels)
    }

    /// One entry a member, all finite; nil for an ordinary layer.
    private func fastWeights(_ layer: LayerShape) throws(ModelError) -> [FastWeights]? {
        guard let count = layer.memberCount else { return nil }
        let (inputs, outputs) = (layer.inputCount, layer.outputCount)
        let alpha = try values(layer.name + "/fast_weight_alpha", shape: [count, inputs])
        let gamma = try values(layer.name + "/fast_weight_gamma", shape: [count, outputs])
        let bias = try values(layer.name + "/bias", shape: [count, outputs])
        return (0..<count).map { member in
            FastWeights(
                alpha: Array(alpha.matrixRow(member, width: inputs)),
                gamma: Array(gamma.matrixRow(member, width: outputs)),
                bias: Array(bias.matrixRow(member, width: outputs)))
        }
    }

    private func folded(
        _ layer: LayerShape, with member: FastWeights
    ) throws(ModelError) -> PackedWeights {
        try packed(
            layer.kernel, outputCount: layer.outputCount, inputCount: layer.inputCount,
            layout: .inputMajor
        ) { body throws(ModelError) in
            var check = FiniteCheck()
            var firstInput = 0
            try forEachRows(of: layer.kernel, width: layer.outputCount, .inputMajor) { rows in
                var folded = rows.indices.map { rows[$0] }
                member.fold(&folded, firstInput: firstInput)
                firstInput += folded.count / layer.outputCount
                check.check(folded.span)
                body(folded.span)
            }
            try requireFinite(check, layer)
        }
    }

    private func requireFinite(_ values: Span<Float>, _ layer: LayerShape) throws(ModelError) {
        var check = FiniteCheck()
        check.check(values)
        try requireFinite(check, layer)
    }

    /// The product of finite numbers may overflow.
    private func requireFinite(_ check: FiniteCheck, _ layer: LayerShape) throws(ModelError) {
        guard let index = check.firstFault else { return }
        throw .nonFiniteWeight(
            tensor: prefix + layer.kernel + " times its fast weights", index: index)
    }
}
