/// The requests of a connection that wait for their answers, in order of arrival, with answers that
/// came early. Bounded by the connection's limits; all operations are O(waiting requests).
struct AnswerQueue: Sendable {
    /// A request and, once known, its answer.
    struct Slot: Sendable {
        let id: RequestID
        let version: HTTPVersion
        let isHead: Bool
        let bodyBytes: Int
        /// Whether the request was refused at its head or as malformed; no work is done for it.
        let isRefused: Bool
        var answer: HTTPResponseMessage?
    }

    private var slots: [Slot] = []
    private var nextOrdinal: UInt64 = 0
    /// The sum of the waiting requests' body bytes.
    private(set) var bodyBytes = 0
    /// The sum of the body bytes of answers that came early.
    private(set) var answerBytes = 0

    var count: Int { slots.count }
    var isEmpty: Bool { slots.isEmpty }
    var ids: [RequestID] { slots.map(\.id) }

    /// Whether work is under way for a request that was dispatched and is not yet answered.
    var awaitsWork: Bool { slots.contains { $0.answer == nil && !$0.isRefused } }

    /// Adds a request behind the others and returns its name.
    mutating func append(
        version: HTTPVersion, isHead: Bool, bodyBytes: Int, isRefused: Bool = false
    ) -> RequestID {
        let id = RequestID(ordinal: nextOrdinal)
        nextOrdinal += 1
        slots.append(
            Slot(
                id: id, version: version, isHead: isHead, bodyBytes: bodyBytes,
                isRefused: isRefused))
        self.bodyBytes += bodyBytes
        return id
    }

    /// Keeps the answer to a request. False if no such request waits for one, because it was
    /// answered before or the connection has dropped it.
    mutating func answer(_ id: RequestID, with response: HTTPResponseMessage) -> Bool {
        guard let index = slots.firstIndex(where: { $0.id == id }), slots[index].answer == nil
        else { return false }
        slots[index].answer = response
        answerBytes += response.body.count
        return true
    }

    /// Drops all requests, and the answers that came early.
    mutating func removeAll() {
        slots = []
        bodyBytes = 0
        answerBytes = 0
    }

    /// Removes and returns the oldest request if it is answered.
    mutating func popAnswered() -> (slot: Slot, answer: HTTPResponseMessage)? {
        guard let slot = slots.first, let answer = slot.answer else { return nil }
        slots.removeFirst()
        bodyBytes -= slot.bodyBytes
        answerBytes -= answer.body.count
        return (slot, answer)
    }
}
