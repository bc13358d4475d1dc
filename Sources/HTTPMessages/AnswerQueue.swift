/// The requests of a connection that wait for their answers, in the order of their arrival, with
/// the answers that came early. Bounded by the connection's limits; all operations are
/// O(waiting requests).
struct AnswerQueue: Sendable {
    /// One request and, once it is known, its answer.
    struct Slot: Sendable {
        let id: RequestID
        let version: HTTPVersion
        let isHead: Bool
        let bodyBytes: Int
        var answer: HTTPResponseMessage?
    }

    private var slots: [Slot] = []
    private var nextOrdinal: UInt64 = 0
    /// The sum of the waiting requests' body bytes.
    private(set) var bodyBytes = 0
    /// The sum of the bodies of answers that came early.
    private(set) var answerBytes = 0

    var count: Int { slots.count }
    var isEmpty: Bool { slots.isEmpty }
    var ids: [RequestID] { slots.map(\.id) }

    /// Adds a request behind the others and names it.
    mutating func append(version: HTTPVersion, isHead: Bool, bodyBytes: Int) -> RequestID {
        let id = RequestID(ordinal: nextOrdinal)
        nextOrdinal += 1
        slots.append(Slot(id: id, version: version, isHead: isHead, bodyBytes: bodyBytes))
        self.bodyBytes += bodyBytes
        return id
    }

    /// Keeps the answer. False when no such request waits for one: it was answered before, or
    /// the connection has given it up.
    mutating func answer(_ id: RequestID, with response: HTTPResponseMessage) -> Bool {
        guard let index = slots.firstIndex(where: { $0.id == id }), slots[index].answer == nil
        else { return false }
        slots[index].answer = response
        answerBytes += response.body.count
        return true
    }

    /// Removes the oldest request when its answer is there.
    mutating func popAnswered() -> (slot: Slot, answer: HTTPResponseMessage)? {
        guard let slot = slots.first, let answer = slot.answer else { return nil }
        slots.removeFirst()
        bodyBytes -= slot.bodyBytes
        answerBytes -= answer.body.count
        return (slot, answer)
    }
}
