package import Checkpoints

/// The reason a model cannot be served.
package indirect enum ModelError: Error {
    /// A problem of the head in the checkpoint at `path`, or of its `model.json`.
    case head(path: String, problem: ModelError)
    case unreadableFile(path: String, reason: String)
    /// A file that `model.json` names is not there, or a converted model was not written to it.
    case file(path: String, reason: String)
    case manifestSyntax(path: String, reason: String)
    case unknownManifestKey(path: String, key: String, known: [String])
    case manifestValue(path: String, key: String, expected: String)
    /// The values of `model.json` do not fit the head or each other.
    case misfit(ManifestMisfit)
    /// The checkpoint does not show it; `keys` are exactly those that `model.json` must add.
    case missingManifestKeys(keys: [String], reason: String)
    /// The checkpoint contradicts a value of `model.json`.
    case contradiction(key: String, reason: String)
    case checkpoint(CheckpointError)
    case unrecognizedHead(UnrecognizedHead)
    /// `wayOut` is one sentence on what to do where the file is right.
    case missingTensor(name: String, wayOut: String? = nil)
    case tensorShape(name: String, found: [Int], expected: String)
    case tensorType(name: String, found: ElementType)
    /// A tensor beside the head's own that would change its answers.
    case unexpectedTensor(name: String, reason: String)
    case tooManyMembers(tensor: String, found: Int, limit: Int)
    /// More elements than the size of the file justifies.
    case weightsLargerThanFile(tensor: String, elementCount: Int, fileByteCount: Int)
    /// A matrix too wide for the format its weights should be held in.
    case tooManyInputs(tensor: String, found: Int, limit: Int)
    /// The system refuses the memory for a matrix.
    case noMemory(tensor: String, byteCount: Int)
    /// A known kind of head that is not served, recognised by `tensor`.
    case unsupportedHead(name: String, tensor: String, reason: String)
    case nonFiniteWeight(tensor: String, index: Int)
    /// A finite weight that leads to an unusable value.
    case weightRange(tensor: String, value: Double, reason: String)
    case labelCount(path: String, found: Int, expected: Int)
    /// A line, counted from 1, that is no label.
    case label(path: String, line: Int, reason: String)
    /// A calibration cannot be used with the model.
    case calibration(path: String, misfit: CalibrationMisfit)
    /// A file could not be written.
    case cannotWrite(SafetensorsWriteError)
    /// The self-check: a row of numbers within -1...1 has no finite answer.
    case overflowingWeights(model: String)
    /// The self-check: this machine's kernels and the portable ones answer differently.
    case kernelsDisagree(model: String, portable: Float, found: Float, tolerance: Float)
    /// The self-check: an array of `expected.npz` has a wrong name, shape or values.
    case goldenArray(path: String, array: String, expected: String)
    /// The self-check: `expected.npz` has probabilities, but the head gives none.
    case goldenUnavailable(path: String)
    /// The self-check: an answer differs from `expected.npz`.
    case goldenDiffers(
        path: String, row: Int, index: Int, expected: Float, found: Float, tolerance: Float)
    /// The self-check: sampled answers differ from `expected.npz` by more than chance explains,
    /// taken together: root mean squares, in standard errors.
    case goldenDiffersOverall(
        path: String, rowCount: Int, found: Double, limit: Double, mean: Double, max: Double)
}

extension ModelError: CustomStringConvertible {
    private static let oneClass =
        "one, the second of two classes or a single one: write only its label"

    package var description: String {
        switch self {
        case .head(let path, let problem):
            "\(path): \(problem)"
        case .unreadableFile(let path, let reason):
            "cannot read \(path): \(reason)"
        case .manifestSyntax(let path, let reason), .file(let path, let reason):
            "\(path): \(reason)"
        case .unknownManifestKey(let path, let key, let known):
            "\(path): unknown key '\(key)'\(Self.meant(key, known)); the keys are "
                + known.joined(separator: ", ")
        case .manifestValue(let path, let key, let expected):
            "\(path): '\(key)' must be \(expected)"
        case .misfit(let misfit):
            misfit.description
        case .missingManifestKeys(let keys, let reason):
            "model.json must say \(keys.map { "'\($0)'" }.joined(separator: ", ")): \(reason)"
        case .contradiction(let key, let reason):
            "model.json: '\(key)' contradicts the checkpoint: \(reason)"
        case .checkpoint(let error):
            error.description
        case .unrecognizedHead(let checkpoint):
            checkpoint.description
        case .missingTensor(let name, let wayOut):
            "tensor '\(name)' is missing" + (wayOut.map { "; \($0)" } ?? "")
        case .tensorShape(let name, let found, let expected):
            "tensor '\(name)' has shape \(found), expected \(expected)"
        case .tensorType(let name, let found):
            "tensor '\(name)' has \(found.rawValue) elements, which are no weights"
        case .unexpectedTensor(let name, let reason):
            "tensor '\(name)' does not belong there: \(reason)"
        case .tooManyMembers(let tensor, let found, let limit):
            "tensor '\(tensor)' makes \(found) members, above the limit of \(limit)"
        case .weightsLargerThanFile(let tensor, let elementCount, let fileByteCount):
            "tensor '\(tensor)' has \(elementCount) elements, more than a file of "
                + "\(fileByteCount) bytes may make"
        case .tooManyInputs(let tensor, let found, let limit):
            "tensor '\(tensor)' has \(found) inputs; in int8 weights may have \(limit)"
        case .noMemory(let tensor, let byteCount):
            "tensor '\(tensor)' takes \(byteCount) bytes of memory, which the system does not give"
        case .unsupportedHead(let name, let tensor, let reason):
            "\(name) (tensor '\(tensor)'): \(reason)"
        case .nonFiniteWeight(let tensor, let index):
            "tensor '\(tensor)' has a value that is not finite as float32 at element \(index)"
        case .weightRange(let tensor, let value, let reason):
            "tensor '\(tensor)' is \(value): \(reason)"
        case .labelCount(let path, let found, let expected):
            "\(path) has \(found == 1 ? "1 label" : "\(found) labels"), the head has "
                + (expected == 1 ? Self.oneClass : "\(expected) classes")
        case .label(let path, let line, let reason):
            "\(path), line \(line): \(reason)"
        case .calibration(let path, let misfit):
            "\(path): \(misfit)"
        case .cannotWrite(let error):
            error.description
        case .overflowingWeights(let model):
            "model '\(model)' fails its self-check: its weights are so large that float32 overflows"
        case .kernelsDisagree(let model, let portable, let found, let tolerance):
            "model '\(model)' fails its self-check: the kernels of this machine give \(found) "
                + "where the portable ones give \(portable) (tolerance \(tolerance))"
        case .goldenArray, .goldenUnavailable, .goldenDiffers, .goldenDiffersOverall:
            goldenText
        }
    }

    /// The sentence on golden outputs; of other errors none.
    private var goldenText: String {
        switch self {
        case .goldenArray(let path, let array, let expected):
            "\(path): '\(array)' must be \(expected)"
        case .goldenUnavailable(let path):
            "\(path): has 'probabilities', but the head gives ranking scores only"
        case .goldenDiffers(let path, let row, let index, let expected, let found, let tolerance):
            "\(path): row \(row), class \(index): the model answers \(found), expected "
                + "\(expected) (tolerance \(tolerance))"
        case .goldenDiffersOverall(let path, let rowCount, let found, let limit, let mean, let max):
            "\(path): over \(rowCount) rows and all classes the model's answers differ by "
                + "\(found) standard errors (root mean square) where chance explains \(limit); "
                + "the mean difference is \(mean), the largest \(max)"
        default: ""
        }
    }

    /// A question about the key that an unknown one is a slip of, if it is near one.
    private static func meant(_ key: String, _ known: [String]) -> String {
        NearNames(of: key, among: known).names.first.map { ", did you mean '\($0)'?" } ?? ""
    }
}
