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
            if BodyReadingQueue.takes(request.message) {
                try predictCoded(request)
            } else if bodyBudget.takes(request.message.body.count, now: inFlight.arrival) {
                try pipeline.predict(request)
            } else {
                try bodyReading.submit(request)
            }
            return .pending(inFlight)
        } catch {
            return .answered(.failure(error), inFlight.context)
        }
    }

    /// Takes off the content coding of a body, if this turn of the loop has time for that and for
    /// reading it.
    private func predictCoded(_ request: PredictionRequest) throws(Refusal) {
        let (message, turn) = (request.message, request.inFlight.arrival)
        guard message.body.count <= ShortCodedBody.maxCodedBytes,
            bodyBudget.takes(ShortCodedBody.plainBytes * message.body.count, now: turn),
            let plain = ShortCodedBody.decoded(message, maxBodyBytes: bodyReading.maxBodyBytes),
            bodyBudget.takes(plain.body.count, now: turn)
        else { return try bodyReading.submit(request) }
        try pipeline.predict(PredictionRequest(plain, request.route, request.inFlight))
    }
}
