package import Predictions

/// A prediction that was asked for, checked as far as it can be without knowing the model.
package struct PredictRequest: Sendable {
    /// The model's name; nil asks for the server's first.
    package let model: String?
    package let parameters: PredictParameters
    /// At least one.
    package let rows: FeatureRows
    /// Writes the answer in the form that the request asks for.
    package let encoder: any AnswerEncoder
}
