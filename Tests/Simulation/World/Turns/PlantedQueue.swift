import Batching

/// The queue with a fault, if one is planted: what goes into it or comes out of it is changed. It
/// does not know of it, and the audit sees what comes out here.
struct PlantedQueue {
    typealias Queue = EntryQueue<Piece>

    private var queue: Queue
    let fault: Fault?
    /// The batches in progress, with their clients.
    private var clients: [RunID: [Int]] = [:]
    /// The slice under way.
    private var current: (id: RunID, slice: UInt64)?
    /// Entries of each client that are not done.
    private var open: [Int: Int] = [:]
    /// The number of times that each client has come back.
    private var visits: [Int: Int] = [:]
    private var waitingTime: UInt64 = 0
    private var resumptions = 0
    private var leakedBytes = 0

    init(limits: TurnLimits, fault: Fault?) {
        queue = Queue(limits: limits)
        self.fault = fault
    }

    var limits: TurnLimits { queue.limits }
    var waitingRows: Int { queue.waitingRows }
    var runningRows: Int { queue.runningRows }
    var runCount: Int { queue.runCount }
    var isOvertaken: Bool { queue.isOvertaken }

    mutating func admit(_ piece: Piece, now: UInt64) -> Admission {
        if let refusal = plantedRefusal(piece, now: now) { return refusal }
        if open[piece.client, default: 0] == 0 { visits[piece.client, default: 0] += 1 }
        var client = piece.client
        if fault == .firstEveryTime { client += visits[client, default: 0] << 32 }
        let admission = queue.admit(
            piece, key: fault == .keysMixed ? 0 : piece.key,
            client: ClientID(number: UInt64(client)),
            size: size(of: piece),
            deadline: piece.deadline, now: now)
        if case .admitted = admission {
            open[piece.client, default: 0] += 1
            waitingTime += piece.size.expected ?? 0
        }
        return admission
    }

    private func plantedRefusal(_ piece: Piece, now: UInt64) -> Admission? {
        let room = limits.maxClientRows - queue.waitingRows
        if fault == .quotaShared, piece.size.rows > room {
            return .queueFull(
                waitingRows: queue.waitingRows, limit: limits.maxClientRows, estimatedWait: 0)
        }
        if fault == .deadlineBehindOthers, piece.deadline > now,
            waitingTime > piece.deadline - now
        {
            return .deadlineOutOfReach(estimatedWait: waitingTime)
        }
        return nil
    }

    private func size(of piece: Piece) -> EntrySize {
        guard fault == .bytesKept else { return piece.size }
        return EntrySize(
            rows: piece.size.rows, expected: piece.size.expected,
            bytes: piece.size.bytes + leakedBytes)
    }

    mutating func cancel(_ ticket: Ticket) -> Piece? {
        guard let piece = queue.cancel(ticket) else { return nil }
        left(piece)
        return piece
    }

    private mutating func left(_ piece: Piece) {
        open[piece.client, default: 0] -= 1
        waitingTime -= piece.size.expected ?? 0
    }

    mutating func next(now: UInt64) -> TurnAction<Piece> {
        if fault == .twoAtOnce, let (id, _) = current, clients[id]?.count == 1 {
            queue.endSlice(id, elapsed: 0, isFinished: false)
        }
        let action = queue.next(now: now)
        switch action {
        case .expired(let pieces):
            for piece in pieces { left(piece) }
            return fault == .expiredDropped ? .expired(Array(pieces.dropLast())) : action
        case .start(let id, let batch, let slice):
            for piece in batch.entries { waitingTime -= piece.size.expected ?? 0 }
            clients[id] = batch.entries.map(\.client)
            if fault == .bytesKept { leakedBytes += batch.entries.reduce(0) { $0 + $1.size.bytes } }
            current = (id, slice)
            return .start(id, batch, slice: stretched(slice))
        case .resume(let id, let slice):
            resumptions += 1
            if fault == .batchForgotten, resumptions % 50 == 0 {
                queue.endSlice(id, elapsed: 0, isFinished: true)
                return next(now: now)
            }
            current = (id, slice)
            return .resume(id, slice: stretched(slice))
        case .wait, .busy, .idle: return action
        }
    }

    private func stretched(_ slice: UInt64) -> UInt64 {
        fault == .slicesStretched ? 2 * slice : slice
    }

    mutating func endSlice(_ id: RunID, elapsed: UInt64, isFinished: Bool) {
        var charged = elapsed
        let own = clients[id] ?? []
        if fault == .debtForgiven, let current { charged = min(elapsed, current.slice) }
        if fault == .sharersUncharged { charged /= UInt64(max(1, Set(own).count)) }
        if fault == .newcomersUncharged, isFinished,
            own.allSatisfy({ visits[$0] == 1 && open[$0] == 1 })
        {
            charged = 0
        }
        queue.endSlice(id, elapsed: charged, isFinished: isFinished)
        current = nil
        guard isFinished else { return }
        for client in own { open[client, default: 0] -= 1 }
        clients[id] = nil
    }
}
