internal import HTTPMessages
internal import HTTPTypes

/// Takes the requests of one event loop to their endpoints. Belongs to that loop.
final class RequestDesk {
    private let sources: EndpointSources
    private let pipeline: RequestPipeline
    private let bodyReading: BodyReadingQueue
    /// Bytes of bodies that the loop reads in one turn: the longest of them, or many short ones.
    private var bodyBudget = TurnBudget(BodyReadingQueue.maxInlineBytes)

    /// The next step of a request.
    enum Handling {
        case answered(Answer, RequestContext)
        case pending(InFlight)
    }

    init(_ sources: EndpointSources, _ pipeline: RequestPipeline, _ bodyReading: BodyReadingQueue) {
        self.sources = sources
        self.pipeline = pipeline
        self.bodyReading = bodyReading
    }

    /// Answers a request that was let in at its head, or starts the prediction that will.
    func handle(
        _ message: HTTPRequestMessage, _ route: Route?, _ context: RequestContext,
        _ reply: ReplyAddress
    ) -> Handling {
        guard let route else {
            return .answered(Self.answerWithoutRoute(message.head.path), context)
        }
        let endpoint = route.endpoint
        if message.head.method == .options {
            return .answered(.methods(endpoint.allow), context)
        }
        guard endpoint.takes(message.head.method) else {
            let refusal = Refusal.method(
                message.head.method.rawValue, allowed: endpoint.allow)
            return .answered(.failure(refusal), context)
        }
        switch endpoint.response {
        case .immediate(let answer):
            let outcome = Answer { () throws(Refusal) in try answer(sources, route) }
            return .answered(outcome, context)
        case .prediction:
            return predict(PredictionRequest(message, route, InFlight(context, reply: reply)))
        }
    }

    private static func answerWithoutRoute(_ path: String) -> Answer {
        path == EndpointTable.wholeServer
            ? .methods(EndpointTable.serverAllow) : .failure(.noSuchPath(path))
    }

    private func predict(_ request: PredictionRequest) -> Handling {
        let inFlight = request.inFlight
        do throws(Refusal) {
            if let message = plainMessage(of: request) {
                try pipeline.predict(PredictionRequest(message, request.route, inFlight))
            } else {
                try bodyReading.submit(request)
            }
            return .pending(inFlight)
        } catch {
            return .answered(.failure(error), inFlight.context)
        }
    }

    /// The message without a content coding, if this turn of the loop has time to read its body.
    private func plainMessage(of request: PredictionRequest) -> HTTPRequestMessage? {
        let (message, turn) = (request.message, request.inFlight.arrival)
        if !BodyReadingQueue.takes(message) {
            return bodyBudget.takes(message.body.count, now: turn) ? message : nil
        }
        guard message.body.count <= ShortCodedBody.maxCodedBytes,
            bodyBudget.takes(ShortCodedBody.plainBytes * message.body.count, now: turn),
            let plain = ShortCodedBody.decoded(message, maxBodyBytes: bodyReading.maxBodyBytes),
            bodyBudget.takes(plain.body.count, now: turn)
        else { return nil }
        return plain
    }
}
