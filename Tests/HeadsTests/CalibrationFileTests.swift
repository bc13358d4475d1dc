import Foundation
import LogitKernels
import Predictions
import Testing

@testable import Heads

/// The text of a calibration: what is written is read, and nothing else is.
@Suite struct CalibrationFileTests {
    static let digest = String(repeating: "0a", count: 32)

    /// A text with these members, and those that are missing from them.
    static func text(_ members: [String: String] = [:]) -> String {
        var all = [
            "method": #""lac""#, "rows": "3", "date": #""2026-12-01T09:30:00Z""#,
            "estimator": #""exact""#, "samples": "0", "seed": "0",
            "checkpoint_sha256": "\"\(digest)\"", "scores": "[0, 0.25, 1]",
        ]
        all.merge(members) { $1 }
        return "{"
            + all.filter { $0.value != "" }.map { "\"\($0.key)\": \($0.value)" }
            .joined(separator: ", ") + "}"
    }

    static func parse(_ text: String, isPart: Bool = false) throws(ModelError) -> Calibration {
        try CalibrationFile.parse(Array(text.utf8), path: "c.json", isPartOfCheckpoint: isPart)
    }

    static func refusal(_ text: String, isPart: Bool = false) -> String? {
        do throws(ModelError) {
            _ = try parse(text, isPart: isPart)
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: PredictionSetRule.Method.allCases, [nil, 1.625] as [Double?])
    func `a calibration is read as it was written`(
        _ method: PredictionSetRule.Method, temperature: Double?
    ) throws {
        var calibration = CalibrationFolder.made(method)
        calibration.temperature = temperature
        calibration.weights = temperature == nil ? .float32 : .int8
        let part = try Self.parse(CalibrationFile.text(calibration), isPart: true)
        #expect(part == calibration)
        #expect(part.scores == [1e-7, 0.125, 1.0 / 3, 0.5])
        for manifest in [nil, Self.digest] {
            calibration.origin = ModelDigests(checkpoint: Self.digest, manifest: manifest)
            #expect(try Self.parse(CalibrationFile.text(calibration)) == calibration)
        }
    }

    @Test(arguments: [
        ("method", #""hps""#, "'method' must be one of 'lac', 'aps', 'raps', not 'hps'"),
        ("method", "", "'method' must be there; run headserve calibrate again"),
        ("rows", "4", "'scores' must be a list of 4 numbers, as 'rows' says, not of 3"),
        ("rows", "0", "'rows' must be a whole number from 1 to 1000000, not 0.0"),
        (
            "date", #""2026-12-01""#,
            "'date' must be a date such as 2026-12-01T09:30:00Z, not '2026-12-01'"
        ),
        (
            "estimator", #""auto""#,
            "'estimator' must be one of 'exact', 'quadrature', 'monte-carlo', "
                + "'quasi-monte-carlo', not 'auto'"
        ),
        ("samples", "-1", "'samples' must be a whole number from 0 to 10000000, not -1.0"),
        (
            "seed", "9007199254740994",
            "'seed' must be a whole number from 0 to 9007199254740992, not "
                + "9.007199254740994e+15"
        ),
        ("seed", "1.5", "'seed' must be a whole number from 0 to 9007199254740992, not 1.5"),
        ("temperature", "0", "'temperature' must be a positive number within float32, not 0.0"),
        ("temperature", "1e999", "'temperature' must be a positive number within float32, not inf"),
        (
            "weights", #""int4""#,
            "'weights' must be one of 'float32', 'bfloat16', 'int8', not 'int4'"
        ),
        ("lambda", "0.01", "'lambda' must be absent: only the method 'raps' has it"),
        ("k_reg", "5", "'k_reg' must be absent: only the method 'raps' has it"),
        (
            "checkpoint_sha256", #""0A""#,
            "'checkpoint_sha256' must be 64 hexadecimal digits in lower case, not '0A'"
        ),
        (
            "checkpoint_sha256", "",
            "'checkpoint_sha256' must be there; run headserve calibrate again"
        ),
        (
            "scores", "[0, 0.5, 0.25]",
            "'scores' must be ascending, but has 0.25 at index 2 behind 0.5"
        ),
        (
            "scores", "[0, 0.5, 1.5]",
            "'scores' must be a list of numbers from 0 to 1.0, but has 1.5 at index 2"
        ),
        (
            "scores", "[-1, 0.5, 1]",
            "'scores' must be a list of numbers from 0 to 1.0, but has -1.0 at index 0"
        ),
        (
            "scores", "[0, 0.5, 1e999]",
            "'scores' must be a list of numbers from 0 to 1.0, but has inf at index 2"
        ),
        ("scores", #"[0, "a", 1]"#, "'scores' must be a list of numbers, not [0.0, 'a', 1.0]"),
        ("scores", "1", "'scores' must be a list of numbers, not 1.0"),
        (
            "coverage", "1",
            "unknown key 'coverage'; the keys are method, rows, date, estimator, samples, seed, "
                + "weights, lambda, k_reg, temperature, checkpoint_sha256, "
                + "model_json_sha256, scores"
        ),
    ])
    func `what is wrong is named`(_ key: String, _ value: String, _ expected: String) {
        #expect(Self.refusal(Self.text([key: value])) == "c.json: " + expected)
    }

    @Test func `RAPS needs its terms, whose scores have no bound`() throws {
        let terms = ["method": #""raps""#, "lambda": "0.02", "k_reg": "0", "scores": "[0, 1, 90]"]
        let calibration = try Self.parse(Self.text(terms))
        #expect((calibration.rankPenalty, calibration.rankLimit) == (0.02, 0))
        for key in ["lambda", "k_reg"] {
            #expect(
                Self.refusal(Self.text(terms.merging([key: ""]) { $1 }))
                    == "c.json: '\(key)' must be there; run headserve calibrate again")
        }
        for (key, value) in [("lambda", "-0.1"), ("lambda", "1.1"), ("k_reg", "-1")] {
            #expect(Self.refusal(Self.text(terms.merging([key: value]) { $1 })) != nil)
        }
        #expect(
            Self.refusal(Self.text(terms.merging(["scores": "[0, 1, 1e999]"]) { $1 })) != nil)
    }

    /// A sum of probabilities may be rounded up.
    @Test func `scores of APS end a little above 1`() {
        for (last, isRead) in [("1", true), ("1.001", true), ("1.0011", false)] {
            let text = Self.text(["method": #""aps""#, "scores": "[0, 0.5, \(last)]"])
            #expect((Self.refusal(text) == nil) == isRead)
        }
    }

    @Test func `a key that stands twice is refused`() {
        let text = Self.text().dropLast() + #", "rows": 3}"#
        #expect(Self.refusal(String(text))?.contains("'rows' stands twice") == true)
    }

    @Test func `a calibration in a checkpoint has no digest`() {
        #expect(
            Self.refusal(Self.text(), isPart: true)
                == "c.json: 'checkpoint_sha256' must be absent: the calibration in a checkpoint is "
                + "of that checkpoint")
        #expect(Self.refusal(Self.text(["checkpoint_sha256": ""]), isPart: true) == nil)
    }

    @Test(arguments: [-1, 0, 1]) func `the rows of a calibration are bounded`(_ more: Int) {
        let count = Calibration.maxRowCount + more
        let refusal = Self.refusal(Self.text(["rows": "\(count)"]))
        #expect(refusal?.contains("'rows' must be") == (more > 0))
    }

    /// The file has holes: it is as long as it says, and takes no room.
    @Test(arguments: [-1, 0, 1]) func `the bytes of a calibration are bounded`(_ more: Int) throws {
        let path = NSTemporaryDirectory() + "headserve-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        let count = CalibrationFile.maxBytes + more
        let file = try #require(FileHandle(forWritingAtPath: path))
        try file.truncate(atOffset: UInt64(count))
        try file.close()
        #expect((try? CalibrationFile.bytes(of: path))?.count == (more > 0 ? nil : count))
    }

    /// Metadata may be twice as long.
    @Test(arguments: [-1, 0, 1]) func `so are those in a checkpoint`(_ more: Int) throws {
        let count = CalibrationFile.maxBytes + more
        let text = String(decoding: [UInt8](repeating: 0x20, count: count), as: UTF8.self)
        let metadata = [EmbeddedModel.calibrationName: text]
        do throws(ModelError) {
            let bytes = try EmbeddedModel.calibrationBytes(metadata, path: "m.safetensors")
            #expect(more <= 0 && bytes?.count == count)
        } catch {
            let refusal =
                "m.safetensors: headserve.calibration: bytes of metadata: 33554433 is above the "
                + "limit of 33554432"
            #expect(more > 0)
            #expect("\(error)" == refusal)
        }
        #expect(try EmbeddedModel.calibrationBytes([:], path: "m.safetensors") == nil)
    }
}
