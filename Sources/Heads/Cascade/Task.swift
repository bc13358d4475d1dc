/// Whether a row has one label or any number of them, by the names `model.json` uses.
package enum Task: String, Sendable, CaseIterable {
    case singleLabel = "single-label"
    case multiLabel = "multi-label"
}
