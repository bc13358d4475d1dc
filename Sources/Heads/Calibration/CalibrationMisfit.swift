package import LogitKernels

/// The reason why a calibration cannot be used with the model at hand.
package enum CalibrationMisfit: Sendable, Equatable, CustomStringConvertible {
    /// A part of the model that is another one than the calibration's.
    package enum Part: String, Sendable {
        case checkpoint = "checkpoint"
        case manifest = "model.json"
    }

    case otherModel([Part])
    /// The calibration in a checkpoint, beside whose own description a `model.json` stands that
    /// says something else.
    case otherDescription
    /// Two calibrations for one model.
    case second(path: String)
    /// A head without one distribution over its labels.
    case noDistribution(head: String, link: String)
    /// Scores by weights of another format than those in memory.
    case weights(WeightFormat, inMemory: WeightFormat)
    /// A temperature for a head of another kind.
    case temperature(head: String)

    private static let again = "run headserve calibrate again"

    package var description: String {
        switch self {
        case .otherModel(let parts):
            "it is a calibration of another \(parts.map(\.rawValue).joined(separator: " and ")); "
                + "\(Self.again), or use the model that it is of"
        case .otherDescription:
            "model.json says something else than the checkpoint does, whose calibration therefore "
                + "is of another model; \(Self.again)"
        case .second(let path):
            "there is \(path) beside it, and a model has one calibration; take one of them away"
        case .noDistribution(let head, let link):
            "a calibration needs one distribution over all labels, which this '\(head)' head "
                + "with '\(link)' does not give; take it away"
        case .weights(let own, let other):
            "it is a calibration with --weights \(own.rawValue), and these are "
                + "\(other.rawValue); give --weights \(own.rawValue), or \(Self.again)"
        case .temperature(let head):
            "'temperature' has no effect on a '\(head)' head: it divides the logits of dense and "
                + "mhs heads with softmax; run headserve calibrate without --fit-temperature"
        }
    }
}
