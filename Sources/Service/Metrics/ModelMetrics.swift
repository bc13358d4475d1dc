internal import Telemetry

/// The metrics of one model.
package struct ModelMetrics: Sendable {
    let samples: Counter
    let entropy: Histogram
    let probability: Histogram
}
