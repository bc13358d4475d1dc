import Foundation
import Predictions
import Testing

@testable import Heads

/// The arrays of an `expected.npz`: what is compared, what is refused and how.
@Suite struct GoldenFileTests {
    private static func summary(classCount: Int) -> HeadSummary {
        HeadSummary(
            kind: .dense, link: .sigmoid, output: .labelProbabilities, inputCount: 3,
            classCount: classCount, factorCount: nil, defaultSampleCount: nil)
    }

    private typealias Array = ArrayFile.Array

    private static func array(_ name: String, _ shape: [Int], _ value: Float = 0.5) -> Array {
        Array(
            name: name, shape: shape,
            values: [Float](repeating: value, count: shape.reduce(1, *)))
    }

    private static let features = array("features", [4, 3])
    private static let probabilities = array("probabilities", [4, 2])

    private func read(
        _ arrays: [Array], classCount: Int = 2
    ) throws -> (outputs: GoldenOutputs?, ignored: [String]) {
        var file = ArrayFile()
        for array in arrays { file[array.name] = array }
        let path = FileManager.default.temporaryDirectory.appending(
            path: "headserve-\(UUID().uuidString).npz")
        try Data(file.archive).write(to: path)
        defer { try? FileManager.default.removeItem(at: path) }
        return try GoldenOutputs.read(path.path, for: Self.summary(classCount: classCount))
    }

    /// The array that a refusal names, and what it must be.
    private func refusal(_ arrays: [Array], classCount: Int = 2) throws -> String? {
        do {
            _ = try read(arrays, classCount: classCount)
            return nil
        } catch ModelError.goldenArray(_, let array, let expected) {
            return "\(array): \(expected)"
        }
    }

    @Test func `one of the two arrays alone is refused`() throws {
        #expect(
            try refusal([Self.features])
                == "probabilities: there beside 'features', for alone they check nothing")
        #expect(
            try refusal([Self.probabilities, Self.array("labels", [4])])
                == "features: there beside 'probabilities', for alone they check nothing")
        #expect(try refusal([Self.features, Self.array("tolerance", [])]) != nil)
    }

    @Test(arguments: ["probs", "prob", "proba", "predict_proba", "y_proba", "Probabilities"])
    func `another name for probabilities is refused`(_ name: String) throws {
        let text = try refusal([Self.features, Self.array(name, [4, 2])])
        #expect(text?.hasPrefix("\(name): called 'probabilities' if that is meant") == true)
    }

    @Test(arguments: ["X", "feats", "feature", "instances"])
    func `another name for features is refused`(_ name: String) throws {
        let text = try refusal([Self.probabilities, Self.array(name, [4, 3])])
        #expect(text?.hasPrefix("\(name): called 'features' if that is meant") == true)
    }

    /// The authors' own scores are kept beside features in the same way.
    @Test(arguments: ["logits", "labels", "joint_softmax", "recorded_probabilities"])
    func `features beside other arrays are listed`(_ name: String) throws {
        let (outputs, ignored) = try read([Self.features, Self.array(name, [4])])
        #expect(outputs == nil && ignored == [name, "features"])
    }

    @Test func `no rows are told as such`() throws {
        let text = try refusal([
            Self.array("features", [0, 3]), Self.array("probabilities", [0, 2]),
        ])
        #expect(text == "features: at least one row of 3 numbers, not of shape [0, 3]")
    }

    /// As scikit-learn gives them for two classes.
    @Test func `both classes of a head of one label are told how to go`() throws {
        let text = try refusal([Self.features, Self.probabilities], classCount: 1)
        #expect(
            text == "probabilities: of shape [4, 1], not [4, 2]; the head has one label, the "
                + "second of two classes: save probabilities[:, 1:]")
        let flat = [Self.features, Self.array("probabilities", [4])]
        #expect(
            try refusal(flat, classCount: 1)
                == "probabilities: of shape [4, 1], not [4]; save probabilities[:, None]")
        #expect(try refusal(flat) == "probabilities: of shape [4, 2], not [4]")
    }

    /// Two probabilities differ by 1 at most, and the mean of numbers within 0...1 has a standard
    /// error of at most that of one of them, 1/2.
    @Test func `what could not fail is no check`() throws {
        let both = [Self.features, Self.probabilities]
        for tolerance: Float in [0, 0.5, 0.99] {
            #expect(try refusal(both + [Self.array("tolerance", [], tolerance)]) == nil)
        }
        for tolerance: Float in [1, 5, -1, .infinity, .nan] {
            let text = try refusal(both + [Self.array("tolerance", [], tolerance)])
            #expect(
                text == "tolerance: free of values such as \(tolerance) at element 0; it is a "
                    + "difference of probabilities, and below 1")
        }
        #expect(try refusal(both + [Self.array("standard_error", [4, 2], 0.5)]) == nil)
        let text = try refusal(both + [Self.array("standard_error", [4, 2], 0.75)])
        #expect(
            text == "standard_error: free of values such as 0.75 at element 0; no mean of "
                + "probabilities has one above 0.5")
    }
}
