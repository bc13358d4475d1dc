internal import Telemetry

/// The things that immediate endpoints answer from. Belongs to an event loop.
final class EndpointSources {
    let shared: SharedService
    private let atTurnEnd: (@escaping () -> Void) -> Void
    /// The metrics text of this turn, reused for further scrapes in it. Kept no longer, as it is
    /// long.
    private var scrape: [UInt8]?

    /// - Parameter atTurnEnd: puts work off to the end of the loop's turn.
    init(_ shared: SharedService, atTurnEnd: @escaping (@escaping () -> Void) -> Void) {
        self.shared = shared
        self.atTurnEnd = atTurnEnd
    }

    /// The models that are loaded; refuses while there are none.
    func models() throws(Refusal) -> ModelSet {
        guard let models = shared.loadedModels else { throw .notReady }
        return models
    }

    /// The metrics, as Prometheus reads them.
    func metrics() -> [UInt8] {
        if let scrape { return scrape }
        var text = PrometheusText()
        shared.metrics.registry.write(into: &text)
        scrape = text.bytes
        atTurnEnd { self.scrape = nil }
        return text.bytes
    }
}
