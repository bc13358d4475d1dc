/// The values of the `route` label of metrics.
struct RouteLabels: Sendable {
    /// The label of requests that reach no endpoint.
    static let none = "none"

    /// Every label, in the order in which they are registered.
    let all: [String]
    /// The labels of predictions, whose requests have a model.
    let predictions: [String]
}
