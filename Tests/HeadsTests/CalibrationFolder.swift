import Foundation
import Predictions
import Testing

@testable import Heads

/// A copy of a model's folder, with a calibration or without.
struct CalibrationFolder: ~Copyable {
    let path: String

    init(of model: String) throws {
        path =
            FileManager.default.temporaryDirectory.appending(
                path: "headserve-\(UUID().uuidString)"
            ).path
        try FileManager.default.copyItem(atPath: model, toPath: path)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var calibrationPath: String { path + "/" + CalibrationFile.name }

    /// A calibration with the digests of the model.
    func calibration(
        _ method: PredictionSetRule.Method = .lac, temperature: Double? = nil
    ) throws -> Calibration {
        var calibration = CalibrationFolder.made(method)
        calibration.temperature = temperature
        calibration.origin = try Model.load(path: path, calibration: .none).digests
        return calibration
    }

    func write(_ calibration: Calibration) throws {
        try CalibrationFile.write(calibration, to: calibrationPath)
    }

    func edit(_ file: String, _ change: (String) -> String) throws {
        let url = URL(filePath: path + "/" + file)
        let text = try String(contentsOf: url, encoding: .utf8)
        try change(text).write(to: url, atomically: true, encoding: .utf8)
    }

    /// The text of the refusal, with `my-head` in the place of the path.
    func refusal(_ choice: CalibrationChoice = .own) -> String? {
        do {
            _ = try Model.load(path: path, calibration: choice)
            return nil
        } catch {
            return "\(error)".replacing(path, with: "my-head")
        }
    }

    static func made(_ method: PredictionSetRule.Method) -> Calibration {
        Calibration(
            method: method, date: "2026-12-01T09:30:00Z", estimator: .exact, samples: 0, seed: 7,
            scores: [0.5, 0.125, 1.0 / 3, 1e-7])
    }
}
