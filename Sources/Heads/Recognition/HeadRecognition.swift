internal import Checkpoints
internal import LogitKernels
internal import Predictions

/// Finds the head in a checkpoint.
struct HeadRecognition {
    let manifest: ModelManifest
    let checkpoint: Checkpoint
    /// Notes which tensors the head reads, where the caller wants to know.
    var uses: WeightUses?
    /// The format in which the head's weight matrices are held in memory.
    var weights = WeightFormat.float32

    /// The recognisers, by rank.
    var recognizers = HeadRecognizers.byRank

    /// The head with its weights, all finite. Refuses what `model.json` leaves open.
    func head() throws(ModelError) -> any Head {
        do throws(ModelError) {
            let candidates = try candidates()
            let report = try candidates.report()
            guard report.missingKeys.isEmpty, let head = candidates.decided else {
                throw .incomplete(report)
            }
            let served = try head.head()
            return manifest.normalize == .l2 ? UnitInputHead(base: served) : served
        } catch {
            throw error.located(in: checkpoint.path)
        }
    }

    /// The head that `head` is without the temperature that a calibration has fitted; nil where
    /// none was. Shares the weights of `head`.
    ///
    /// - Parameter head: what `head()` has returned, of a kind that may have such a temperature.
    func unfitted(_ head: any Head) throws(ModelError) -> (any Head)? {
        guard manifest.fittedTemperature != nil else { return nil }
        var own = manifest
        own.fittedTemperature = nil
        do throws(ModelError) {
            return head.withFactor(try LogitLaw(own).factor)
        } catch {
            throw error.located(in: checkpoint.path)
        }
    }

    /// The report on the head by names, shapes and a stored temperature; other weights are not
    /// read.
    func report() throws(ModelError) -> HeadReport {
        do throws(ModelError) {
            return try candidates().report()
        } catch {
            throw error.located(in: checkpoint.path)
        }
    }

    /// The labels of a description in the file itself, else those that it has beside its head;
    /// nil where `model.json` names a file of them.
    func labels(besides embedded: [String]?) throws(ModelError) -> [String]? {
        guard manifest.labels == nil else { return nil }
        if let embedded { return embedded }
        do throws(ModelError) {
            return try candidates().decided?.labels()
        } catch {
            throw error.located(in: checkpoint.path)
        }
    }

    /// The name of the array that has the labels, where the file has one; also while keys are
    /// missing.
    var labelsName: String? { (try? candidates())?.labelsName }

    private func candidates() throws(ModelError) -> HeadCandidates {
        let places = HeadPlaces(
            manifest: manifest, checkpoint: checkpoint, uses: uses, weights: weights)
        try places.refuseGaussianProcess()
        guard let candidates = HeadCandidates(try found(in: places)) else {
            throw try unrecognized(places)
        }
        let decided = try candidates.atOnePlace()
        if manifest.prefix == nil, manifest.tensors?.weight == nil, manifest.tensors?.heads == nil {
            try decided.refuseAverages(in: checkpoint)
        }
        try decided.requireUse(ofNamesIn: manifest)
        return decided
    }

    /// The candidates of all ranks. A layer of one is no head of a later rank.
    private func found(in places: HeadPlaces) throws(ModelError) -> [any RecognizedHead] {
        var found: [any RecognizedHead] = []
        var taken: Set<String> = []
        for rank in recognizers {
            var ofRank: [any RecognizedHead] = []
            for recognizer in rank { ofRank += try recognizer.candidates(in: places) }
            found += ofRank.filter { taken.isDisjoint(with: $0.layers) }
            taken.formUnion(found.flatMap(\.layers))
        }
        return found
    }

    /// The refusal of a checkpoint without a head at the place that `model.json` names, if it does.
    private func unrecognized(_ places: HeadPlaces) throws(ModelError) -> ModelError {
        guard manifest.prefix != nil else { return .unrecognizedHead(UnrecognizedHead(checkpoint)) }
        var anywhere = manifest
        anywhere.prefix = nil
        let others = HeadPlaces(manifest: anywhere, checkpoint: checkpoint)
        let found = (try? found(in: others)) ?? []
        guard !found.isEmpty else { return .unrecognizedHead(UnrecognizedHead(checkpoint)) }
        return .contradiction(
            key: ModelManifest.CodingKeys.prefix.rawValue,
            reason: "heads are at \(HeadPlace.list(HeadCandidates.places(of: found)))")
    }
}

extension ModelError {
    /// The refusal of a head whose report has missing keys.
    static func incomplete(_ report: HeadReport) -> ModelError {
        guard report.head == nil else {
            return .missingManifestKeys(
                keys: report.missingKeys, reason: "the checkpoint does not tell")
        }
        let choices = report.choices.map { choice in
            let keys = choice.missingKeys.map { "'\($0)'" }.joined(separator: ", ")
            return "'\(choice.head.rawValue)'" + (keys.isEmpty ? "" : ", with \(keys) as well")
        }
        return .missingManifestKeys(
            keys: report.missingKeys,
            reason: "the weights could be " + choices.joined(separator: ", or "))
    }

    /// The same error with the file it is about, where it does not name one yet.
    func located(in path: String) -> ModelError {
        switch self {
        case .head, .unreadableFile, .file, .manifestSyntax, .unknownManifestKey,
            .manifestValue,
            .label, .checkpoint, .unrecognizedHead, .labelCount, .calibration:
            self
        default: .head(path: path, problem: self)
        }
    }
}
