internal import Checkpoints
internal import LogitKernels
internal import Predictions

/// Writes a model as one safetensors file that needs no other: the tensors its head reads, and in
/// the metadata the keys of `model.json` and the labels.
package struct ModelConversion {
    /// The file that was written.
    package struct Report: Sendable {
        package let tensorCount: Int
        /// Bytes of the file.
        package let byteCount: Int
        /// Largest difference of a number in the answers of the two models to one row; 0 where
        /// the weights were kept.
        package let largestDifference: Float
    }

    private let target: ConversionTarget
    private let checkpoint: Checkpoint
    private let manifest: ModelManifest
    private let labels: [String]?
    private let calibration: Calibration?
    private let head: any Head
    private let uses = WeightUses()

    /// Loads the model at `path`, a checkpoint file or a folder with a `model.json`. Fails as
    /// loading it for serving does, and where nothing may be written to `target`.
    ///
    /// - Parameter overwrites: whether a file at `target` may be replaced; one of the model's own
    ///   never is.
    /// - Parameter calibration: the calibration that the file is to have.
    package init(
        path: String, to target: String, overwrites: Bool = false,
        calibration choice: CalibrationChoice = .own
    ) throws(ModelError) {
        let source = try ModelSource.find(path)
        let embeddedLabels: [String]?
        (checkpoint, manifest, embeddedLabels) = try source.open()
        self.target = ConversionTarget(path: target, overwrites: overwrites)
        try self.target.check(source, checkpoint)
        let found = try source.calibration(choice, of: checkpoint, manifest: manifest)
        calibration = found?.calibration
        var served = manifest
        served.fittedTemperature = calibration?.temperature
        // With a calibration by rounded weights the answers to compare are those of these.
        let recognition = HeadRecognition(
            manifest: served, checkpoint: checkpoint, uses: uses,
            weights: calibration?.weights ?? .float32)
        head = try recognition.head()
        try found?.check(head.summary, weights: nil)
        labels = try source.labels(
            or: try recognition.labels(besides: embeddedLabels), count: head.summary.classCount)
    }

    /// Writes the file. It comes to its place only when all is written and has been read back.
    /// Refuses to round the weights of a model with a calibration, whose scores would be those of
    /// another one.
    ///
    /// - Parameter weights: how matrices are stored; nil keeps them as they are (but float64
    ///   becomes float32, in which heads compute). Biases and other small tensors keep their type.
    /// - Returns: how the written model, read back, answers in comparison.
    package func write(
        weights: StoredWeights?, engine: ComputeEngine
    ) throws(ModelError) -> Report {
        if calibration != nil, let weights, weights != .float32 {
            throw .file(
                path: target.path,
                reason: "not written, for with --weights \(weights.rawValue) the calibration would "
                    + "be one of other weights; leave it out with --without-calibration, and run "
                    + "headserve calibrate on the written model")
        }
        let report = try HeadRecognition(manifest: manifest, checkpoint: checkpoint).report()
        let writer = ConversionWriter(
            target: target, encoders: try encoders(weights),
            metadata: EmbeddedModel.metadata(
                of: report, labels: labels, calibration: calibration))
        return try writer.write { (path) throws(ModelError) in
            let written = try Model.load(path: path, weights: calibration?.weights)
            return Report(
                tensorCount: writer.encoders.count,
                byteCount: try ModelSource.find(path).open().0.byteCount,
                largestDifference: try SelfCheck(written, engine: engine).difference(from: head))
        }
    }

    // MARK: Tensors

    private func encoders(_ weights: StoredWeights?) throws(ModelError) -> [WeightEncoder] {
        var encoders: [WeightEncoder] = []
        for use in uses.all {
            guard let tensor = checkpoint[use.name] else { throw .missingTensor(name: use.name) }
            switch (use.role, weights) {
            case (.matrix(let layout), .int8?) where tensor.elementType != .int8:
                encoders += try integerEncoders(tensor, layout)
            case (.matrix(let layout), .float32?):
                encoders.append(encoder(tensor.name, .float32, .weights(tensor, layout), tensor))
            case (.matrix(let layout), .bfloat16?):
                encoders.append(encoder(tensor.name, .bfloat16, .weights(tensor, layout), tensor))
            default: encoders += keptEncoders(tensor)
            }
        }
        return encoders
    }

    /// Keeps a tensor as stored, with the scales of int8; float64 is written as heads use it.
    private func keptEncoders(_ tensor: Tensor) -> [WeightEncoder] {
        let type = tensor.elementType == .float64 ? .float32 : tensor.elementType
        let kept = encoder(tensor.name, type, .elements(tensor), tensor)
        guard type == .int8, let scales = checkpoint[tensor.name + WeightScales.nameSuffix] else {
            return [kept]
        }
        return [kept, encoder(scales.name, .float32, .elements(scales), scales)]
    }

    private func integerEncoders(
        _ tensor: Tensor, _ layout: PackedWeights.Layout
    ) throws(ModelError) -> [WeightEncoder] {
        let scales = try WeightScales.fitting(tensor, layout, of: checkpoint)
        let description = TensorDescription(
            name: writtenName(tensor.name) + WeightScales.nameSuffix, elementType: .float32,
            shape: WeightScales.shape(of: tensor.shape, layout))
        return [
            encoder(tensor.name, .int8, .integers(tensor, scales), tensor),
            WeightEncoder(
                description: description, content: .scales(scales), checkpoint: checkpoint),
        ]
    }

    private func encoder(
        _ name: String, _ type: ElementType, _ content: WeightEncoder.Content, _ tensor: Tensor
    ) -> WeightEncoder {
        WeightEncoder(
            description: TensorDescription(
                name: writtenName(name), elementType: type, shape: tensor.shape),
            content: content, checkpoint: checkpoint)
    }

    /// The array of a `.npy` file has no name; a bare layer's weights have this one.
    private func writtenName(_ name: String) -> String { name.isEmpty ? "weight" : name }
}
