internal import HTTPMessages
internal import HTTPTypes
internal import InferenceAPI
internal import Telemetry

/// The endpoints that answer at once: none of them ever waits behind the batch queue.
///
/// Belongs to an event loop.
final class Endpoints {
    private let shared: SharedService
    /// The metrics as they were in the loop's turn of that time: who asks again and again in one
    /// turn gets the same.
    private var scrape: (turn: UInt64, text: [UInt8])?

    init(shared: SharedService) { self.shared = shared }

    /// The answer of an endpoint that is not a prediction, in the loop's turn that began at `now`.
    func answer(_ route: Route, now: UInt64) throws(Refusal) -> Answer {
        switch route {
        case .models: return .json(Self.list(try models()))
        case .model(let name):
            guard let model = try models()[name] else { throw Refusal(.unknownModel(name)) }
            return .json(model.description)
        case .live: return .json(Array(#"{"status":"live"}"#.utf8))
        case .ready: return .json(try ready())
        case .metrics: return metrics(now)
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

    private func metrics(_ now: UInt64) -> Answer {
        if let scrape, scrape.turn == now { return Self.metrics(scrape.text) }
        var text = PrometheusText()
        shared.metrics.registry.write(into: &text)
        scrape = (now, text.bytes)
        return Self.metrics(text.bytes)
    }

    private static func metrics(_ text: [UInt8]) -> Answer {
        .text(text, contentType: PrometheusText.contentType)
    }
}
