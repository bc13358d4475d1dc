internal import Dispatch
internal import Heads
internal import Logging
internal import Predictions
internal import Telemetry

/// Loading of models and credentials from their files, when the service begins and again at each
/// SIGHUP. All of this runs on the `loading` queue, one load at a time.
extension Server {
    /// Loads the models for the first time; `onReady` is called when they answer.
    func begin(onReady: () -> Void) throws {
        guard let set = try loadModels() else { return }
        shared.serve(set)
        if shared.readiness.state == .ready { onReady() }
        if loads.finish() { renew() }
    }

    /// Asks for a reload; from any thread.
    func reload() {
        if loads.ask() { loading.async { self.renew() } }
    }

    private func renew() {
        repeat { renewOnce() } while loads.finish()
    }

    /// Loads everything anew beside what is in force and puts all of it in force together; where
    /// anything cannot be loaded, everything stays as it was. Requests that have begun keep the
    /// model they began with, which is given back with the last of them.
    private func renewOnce() {
        guard shared.readiness.state == .ready else { return }
        do {
            let credentials = try shared.credentials.load()
            guard let set = try loadModels() else { return }
            shared.credentials.use(credentials)
            shared.serve(set)
            HeapMemory.returnFreePages()
            shared.metrics.reloads.child("success").increment()
            log.info("reloaded")
            warnOfCertificate()
        } catch {
            shared.metrics.reloads.child("failure").increment()
            log.error("reload failed: what was in force stays", metadata: ["reason": "\(error)"])
        }
    }

    /// Every model, loaded and checked; nil when the service was told to stop meanwhile.
    private func loadModels() throws(ServerError) -> ModelSet? {
        try refuseUnknownCalibrations()
        var models: [ServedModel] = []
        for path in options.models {
            if shared.readiness.state == .draining { return nil }
            let (model, check) = try load(path)
            guard ModelSet.isName(model.name) else {
                throw .invalidModelName(model.name, of: path)
            }
            if let index = models.firstIndex(where: { $0.model.name == model.name }) {
                throw .repeatedModelName(
                    model.name, first: options.models[index], second: path)
            }
            models.append(shared.served(model, check.golden))
            note(model, check)
        }
        guard !models.isEmpty else { throw .noModels }
        return ModelSet(models: models)
    }

    private func refuseUnknownCalibrations() throws(ServerError) {
        let names = options.models.map(\.modelName)
        for calibration in options.calibrations where !names.contains(calibration.model) {
            throw .noSuchModel(calibration.model, of: calibration, known: names)
        }
    }

    private func load(
        _ path: ServiceOptions.ModelPath
    ) throws(ServerError) -> (Model, SelfCheck.Report) {
        do throws(ModelError) {
            let model = try Model.load(
                name: path.name, path: path.path, weights: options.compute.weights,
                maxSamples: options.maxSamples, calibration: calibration(of: path))
            return (model, try SelfCheck(model, engine: shared.engine).run())
        } catch {
            throw .model(path, error)
        }
    }

    private func calibration(of path: ServiceOptions.ModelPath) -> CalibrationChoice {
        options.calibrations.first { $0.model == path.modelName }.map { .file($0.path) } ?? .own
    }

    private func note(_ model: Model, _ check: SelfCheck.Report) {
        var metadata: Logger.Metadata = [
            "model": "\(model.name)", "head": "\(model.head.summary.kind.rawValue)",
            "classes": "\(model.head.summary.classCount)", "sha256": "\(model.sha256)",
            "weights": "\(model.weightsName)",
            "golden_rows": "\(check.golden?.rowCount ?? 0)",
        ]
        if let golden = check.golden {
            metadata["golden_max_difference"] = "\(Float(golden.maxDifference))"
            metadata["golden_mean_difference"] = "\(Float(golden.meanDifference))"
            if golden.skippedRowCount > 0 {
                metadata["golden_rows_skipped"] = "\(golden.skippedRowCount)"
            }
        }
        if let calibration = model.calibration {
            metadata["calibration"] =
                "\(calibration.method.rawValue) of \(calibration.rowCount) rows"
        }
        let ignored = check.ignoredArrays
        if !ignored.isEmpty {
            let names = ignored.prefix(8).joined(separator: ",")
            metadata["golden_arrays_ignored"] =
                "\(names)\(ignored.count > 8 ? " and \(ignored.count - 8) more" : "")"
        }
        log.info("loaded", metadata: metadata)
        if check.golden == nil, !ignored.isEmpty {
            log.warning(
                "expected.npz is not compared, for it has no 'features' and 'probabilities'",
                metadata: ["model": "\(model.name)"])
        }
        noteUnused(model)
        guard !model.passedThrough.isEmpty else { return }
        log.info(
            "instances must have passed through layers of the checkpoint that do not run here",
            metadata: [
                "model": "\(model.name)",
                "layers": "\(model.passedThrough.map(\.name).joined(separator: ", "))",
            ])
    }

    private func noteUnused(_ model: Model) {
        guard !model.unused.isEmpty else { return }
        let names = model.unused.map(\.name).joined(separator: ", ")
        log.warning(
            "tensors beside the head are not used",
            metadata: ["model": "\(model.name)", "tensors": "\(names)"])
    }
}

extension ServiceOptions.ModelPath {
    /// The name by which requests ask for the model.
    fileprivate var modelName: String { name ?? Model.defaultName(ofPath: path) }
}
