internal import HTTPMessages
internal import HTTPTypes
internal import InferenceAPI
internal import Sockets
internal import Telemetry

/// The endpoints that answer at once: none of them ever waits behind the batch queue.
///
/// Belongs to an event loop.
final class Endpoints {
    private let shared: SharedService
    private let loop: EventLoop
    /// The metrics as they are in this turn of the loop: who asks again and again in one gets the
    /// same. Kept no longer, as they are long.
    private var scrape: [UInt8]?

    init(shared: SharedService, loop: EventLoop) {
        self.shared = shared
        self.loop = loop
    }

    /// The answer of an endpoint that is not a prediction.
    func answer(_ route: Route) throws(Refusal) -> Answer {
        switch route {
        case .models: return .json(Self.list(try models()))
        case .model(let name):
            guard let model = try models()[name] else { throw Refusal(.unknownModel(name)) }
            return .json(model.description)
        case .live: return .json(Array(#"{"status":"live"}"#.utf8))
        case .ready: return .json(try ready())
        case .metrics: return .text(metrics(), contentType: PrometheusText.contentType)
        case .openAPI:
            return .text(shared.options.openAPI, contentType: "application/yaml")
        case .predict, .modelPredict: preconditionFailure("predictions have a pipeline")
        }
    }

    private func models() throws(Refusal) -> ModelSet {
        guard let models = shared.loadedModels else { throw .notReady }
        return models
    }

    private static func list(_ set: ModelSet) -> [UInt8] {
        var bytes = Array(#"{"models":["#.utf8)
        for (index, model) in set.models.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(contentsOf: model.description)
        }
        bytes.append(contentsOf: "]}".utf8)
        return bytes
    }

    private func ready() throws(Refusal) -> [UInt8] {
        switch shared.readiness.state {
        case .loading: throw .notReady
        case .draining: throw .draining
        case .ready: break
        }
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("status", "ready")
        writer.key("models")
        writer.beginArray()
        for name in try models().names { writer.string(name) }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }

    private func metrics() -> [UInt8] {
        if let scrape { return scrape }
        var text = PrometheusText()
        shared.metrics.registry.write(into: &text)
        scrape = text.bytes
        loop.atTurnEnd { self.scrape = nil }
        return text.bytes
    }
}
