/// The order of clients' turns: deficit round robin in time, in which a client that was idle goes
/// first, once a round, for at most one quantum (as in FQ-CoDel, RFC 8290, section 4.2).
///
/// A client is in one of two lists while it has work, and for a while after it. `fresh` holds
/// those that were idle; they have a quantum of credit and go first. The `others` wait for their
/// turn, and are granted a quantum each time it comes with no credit left. A fresh client that
/// has used its quantum up, or has no work left, goes behind the others; it has another
/// at the earliest when each of them has had a turn. So coming and going earns a client one quantum
/// a round. Fresh clients that follow each other without end get half of the time: once they are
/// a quantum ahead of the others together, one of the others has its turn.
struct ClientRound: Sendable {
    private enum List: Sendable { case fresh, others, parked }

    private struct Member: Sendable {
        var list: List?
        var hasWork = false
        var credit = ClientCredit()
        /// Time that slices in its turn have taken so far; nil where it has not begun. A turn goes
        /// on behind those of clients that go first.
        var turnTime: UInt64?
        /// The number of turns of others from which on it may have another quantum to go first.
        var firstAgain: UInt64 = 0
    }

    private let limits: TurnLimits
    private var members: [Member] = []
    private var links = Links()
    private var fresh = Chain()
    private var others = Chain()
    /// Clients that have work which may not begin yet.
    private var parked = Chain()
    /// Clients in `fresh` and `others`.
    private var count: UInt64 = 0
    /// Turns of `others` so far.
    private var turns: UInt64 = 0
    /// Time by which fresh clients together are ahead of the others.
    private var lead: Int64 = 0
    /// The client whose turn it is.
    private var turn: Int?
    /// Whether it is the turn of a client that goes first.
    private var turnIsFirst = false

    init(limits: TurnLimits) {
        self.limits = limits
    }

    func credit(of client: Int) -> Int64 { members[client].credit.left }

    /// Nanoseconds of a turn: with many clients shorter ones, so that a round does not take long.
    var quantum: UInt64 { limits.quantum(clientCount: count) }

    /// Says whether a client has work now; one that has enters the round. Clients are small
    /// numbers, used again after they left.
    mutating func setWork(_ client: Int, _ hasWork: Bool) {
        while members.count <= client { members.append(Member()) }
        let wasIdle = !members[client].hasWork
        members[client].hasWork = hasWork
        guard hasWork, wasIdle else { return }
        switch members[client].list {
        case nil: goFirst(client)
        case .others where members[client].credit.isFirst || isFirstDue(client): goFirst(client)
        case .fresh, .others, .parked: break
        }
    }

    /// Whether each of the others has had a turn since a client that has credit left was last given
    /// a quantum to go first with.
    private func isFirstDue(_ client: Int) -> Bool {
        members[client].credit.left > 0 && turns >= members[client].firstAgain
    }

    /// Puts a client that comes back before the others, with a quantum once a round, and with what
    /// is left of it within: one that asks for little at a time may use it bit by bit.
    private mutating func goFirst(_ client: Int) {
        let isDue = members[client].list == nil || isFirstDue(client)
        move(client, to: .fresh, countsTurn: isDue)
        guard isDue else { return }
        members[client].credit.giveFirst(Int64(quantum))
        members[client].firstAgain = turns + count - 1
    }

    /// A step towards the next turn.
    enum Step {
        /// The client has work and credit, and it is its turn.
        case turn(Int)
        /// The client has left the round.
        case left(Int)
        /// The client's turn is over; look again.
        case passed
        case empty
    }

    /// The next step. Repeated calls come to a turn, or to `empty`, after O(clients) steps, and
    /// one more a quantum that a client took too much.
    mutating func next() -> Step {
        guard let client = head else { return .empty }
        let member = members[client]
        let isOwnTurn = member.turnTime != nil
        let isUsedUp = member.credit.left <= 0
        if isOwnTurn, member.list == .others, isUsedUp || !member.hasWork {
            members[client].credit.endTurn()
        }
        if isUsedUp {
            grant(client)
            return .passed
        }
        if member.hasWork {
            turn = client
            members[client].turnTime = member.turnTime ?? 0
            turnIsFirst = member.list == .fresh
            return .turn(client)
        }
        if isOwnTurn || member.list == .fresh && others.first != nil {
            // Its rest is kept for a round.
            pass(client)
            return .passed
        }
        move(client, to: nil)
        return .left(client)
    }

    /// Grants a quantum to a client that has used up what it had, and puts it behind the others.
    private mutating func grant(_ client: Int) {
        members[client].credit.grant(Int64(quantum))
        move(client, to: .others)
    }

    /// The first client of the list whose turn it is.
    private var head: Int? {
        if lead >= Int64(quantum), let other = others.first { return other }
        return fresh.first ?? others.first
    }

    /// Quanta that a turn may take, others' parts of what it shares included.
    private static let turnQuanta: UInt64 = 4

    /// Time of the next slice of the turn that `next` returned: a quantum, or what is left.
    var turnRest: UInt64 {
        let most = Self.turnQuanta * quantum
        let time = turn.flatMap { members[$0].turnTime } ?? 0
        return max(1, min(quantum, most - min(most, time)))
    }

    /// Counts the time of a slice to the turn in which it ran, whoever is charged. A client that
    /// pays for little of what it shares would else go on with others' work without end, while
    /// those behind it wait.
    mutating func spend(_ nanoseconds: UInt64) {
        guard let client = turn, let before = members[client].turnTime else { return }
        let time = before.saturatingAdd(nanoseconds)
        members[client].turnTime = time
        if time >= Self.turnQuanta * quantum, members[client].credit.left > 0 { pass(client) }
    }

    /// Whether a client that goes first has come behind the turn of one that does not. If it cannot
    /// run then, the other goes on with the rest of its turn.
    var isOvertaken: Bool {
        guard !turnIsFirst, lead < Int64(quantum), let first = fresh.first else { return false }
        return members[first].hasWork
    }

    /// Ends a client's turn; it keeps its credit for the next. One in which nothing was computed is
    /// no turn to others that wait for theirs.
    mutating func pass(_ client: Int, isEmpty: Bool = false) {
        if members[client].list == .parked || members[client].list == nil { return }
        move(client, to: .others, countsTurn: !isEmpty)
    }

    /// Leaves a client out until it is let in again; it keeps its credit.
    mutating func park(_ client: Int) { move(client, to: .parked) }

    /// Lets a client in again that was left out, behind the others.
    mutating func unpark(_ client: Int) {
        guard client < members.count, members[client].list == .parked else { return }
        move(client, to: .others)
    }

    /// Lets a client in again before all others: one that waits for room is asked before the client
    /// whose batch has made it, and before new ones, which else would have it again and again.
    mutating func unparkFirst(_ client: Int) {
        guard client < members.count, members[client].list == .parked else { return }
        move(client, to: .fresh, isFirst: true)
    }

    /// Lets all in again, in the order in which they were left out.
    mutating func unparkAll() {
        while let client = parked.last { unparkFirst(client) }
    }

    /// Takes a client out of its list, and appends it to another, or puts it first.
    private mutating func move(
        _ client: Int, to list: List?, isFirst: Bool = false, countsTurn: Bool = true
    ) {
        switch members[client].list {
        case .fresh:
            links.remove(client, from: &fresh)
            count -= 1
        case .others:
            links.remove(client, from: &others)
            count -= 1
            if countsTurn { turns += 1 }
        case .parked: links.remove(client, from: &parked)
        case nil: break
        }
        if turn == client { turn = nil }
        members[client].turnTime = nil
        members[client].list = list
        switch list {
        case .fresh:
            if isFirst {
                links.prepend(client, to: &fresh)
            } else {
                links.append(client, to: &fresh)
            }
            count += 1
        case .others:
            links.append(client, to: &others)
            count += 1
        case .parked: links.append(client, to: &parked)
        case nil: members[client] = Member()
        }
    }

    /// Charges a client with time that was computed for it.
    mutating func charge(_ client: Int, _ nanoseconds: UInt64) {
        let time = Int64(clamping: nanoseconds)
        members[client].credit.spend(time)
        switch members[client].list {
        case .fresh:
            // Nobody is behind where there are no others, nor by what runs in their own turns.
            if others.first == nil { lead = 0 } else if turnIsFirst { lead += time }
            if members[client].credit.left <= 0 { grant(client) }
        case .others, .parked, nil: lead = max(0, lead - time)
        }
    }
}
