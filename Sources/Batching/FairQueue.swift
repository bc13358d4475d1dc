/// The entries that wait, and whose turn it is.
///
/// Keys take turns batch by batch, whoever came first: a key with little to do never waits for more
/// than one batch of each other key. Within a key the clients take turns by deficit round-robin
/// (Shreedhar and Varghese, 1995), counted in rows: at its turn a client gets `quantum` rows of
/// credit, what it takes is charged, and what it could not use for an entry that is too large it
/// keeps. So of two clients with entries waiting all the time, neither gets more rows than the
/// other by more than a quantum and their largest entry. The entries of a client stay in order.
///
/// An entry costs O(1) to take in and to remove, and O(1 + rows / quantum), amortised, to take.
/// Memory is in proportion to the most entries that ever waited.
@usableFromInline
struct FairQueue<Key: Hashable & Sendable, Client: Hashable & Sendable, Entry: Sendable>: Sendable {
    @usableFromInline struct Waiting: Sendable {
        @usableFromInline let sequence: UInt64
        @usableFromInline let rows: Int
        @usableFromInline let deadline: UInt64
        /// When it stops being held back for company.
        @usableFromInline let heldUntil: UInt64
        /// Nil once it is removed.
        @usableFromInline var entry: Entry?
        @usableFromInline let line: Int

        @inlinable init(
            sequence: UInt64, rows: Int, deadline: UInt64, heldUntil: UInt64, entry: Entry,
            line: Int
        ) {
            self.sequence = sequence
            self.rows = rows
            self.deadline = deadline
            self.heldUntil = heldUntil
            self.entry = entry
            self.line = line
        }
    }

    /// A client's entries for one key. There is none without an entry.
    @usableFromInline struct Line: Sendable {
        @usableFromInline let name: LineName
        @usableFromInline let lane: Int
        @usableFromInline var entries = Chain()
        /// Rows it may take.
        @usableFromInline var credit = 0
        /// Whether its turn has begun, so that its credit for it is granted.
        @usableFromInline var isServed = false

        @inlinable init(name: LineName, lane: Int) {
            self.name = name
            self.lane = lane
        }
    }

    @usableFromInline struct LineName: Hashable, Sendable {
        @usableFromInline let key: Key
        @usableFromInline let client: Client

        @inlinable init(key: Key, client: Client) {
            self.key = key
            self.client = client
        }
    }

    /// The clients' lines of one key, in the order of their turns. There is none without a line.
    @usableFromInline struct Lane: Sendable {
        @usableFromInline let key: Key
        @usableFromInline var lines = Chain()

        @inlinable init(key: Key) { self.key = key }
    }

    /// Rows of credit a turn. A batch has room for several clients' turns.
    @usableFromInline let quantum: Int
    @usableFromInline var count = 0
    @usableFromInline var rows = 0
    @usableFromInline var entries = Slots<Waiting>()
    @usableFromInline var lines = Slots<Line>()
    @usableFromInline var lanes = Slots<Lane>()
    @usableFromInline var lineSlots: [LineName: Int] = [:]
    @usableFromInline var laneSlots: [Key: Int] = [:]
    @usableFromInline var rowsByClient: [Client: Int] = [:]
    /// All entries in order of admission; those of a line; the lines of a lane; the lanes.
    @usableFromInline var ages = Links()
    @usableFromInline var places = Links()
    @usableFromInline var lineTurns = Links()
    @usableFromInline var laneTurns = Links()
    @usableFromInline var age = Chain()
    @usableFromInline var round = Chain()

    @inlinable init(quantum: Int) {
        self.quantum = max(1, quantum)
    }

    /// How many clients have entries here.
    @inlinable var clientCount: Int { rowsByClient.count }

    /// Rows of one client, over all keys.
    @inlinable func rows(of client: Client) -> Int { rowsByClient[client] ?? 0 }

    /// The slots of all entries, in order of admission.
    @inlinable var slots: [Int] {
        var slots: [Int] = []
        slots.reserveCapacity(count)
        var next = age.first
        while let slot = next {
            slots.append(slot)
            next = ages.slot(after: slot)
        }
        return slots
    }

    /// Whether the entry of that ticket waits here.
    @inlinable func holds(_ ticket: Ticket) -> Bool {
        entries[ticket.slot].sequence == ticket.sequence && entries[ticket.slot].entry != nil
    }

    @inlinable subscript(slot: Int) -> Waiting { entries[slot] }

    /// Takes an entry in behind the others of its client, and tells its slot.
    @inlinable mutating func append(
        _ entry: Entry, key: Key, client: Client, rows: Int, deadline: UInt64, heldUntil: UInt64,
        sequence: UInt64
    ) -> Int {
        let line = line(LineName(key: key, client: client))
        let slot = entries.insert(
            Waiting(
                sequence: sequence, rows: rows, deadline: deadline, heldUntil: heldUntil,
                entry: entry, line: line))
        ages.append(slot, to: &age)
        places.append(slot, to: &lines[line].entries)
        rowsByClient[client, default: 0] += rows
        self.rows += rows
        count += 1
        return slot
    }

    /// Takes an entry out of its place, as nobody wants it any more. Credit that its client had
    /// gathered for it does not go to others of that client.
    @inlinable mutating func remove(_ slot: Int) -> Entry? {
        let line = entries[slot].line
        lines[line].credit = min(lines[line].credit, quantum)
        return take(slot)
    }

    @inlinable mutating func take(_ slot: Int) -> Entry? {
        let item = entries[slot]
        let line = item.line
        let client = lines[line].name.client
        entries[slot].entry = nil
        ages.remove(slot, from: &age)
        places.remove(slot, from: &lines[line].entries)
        entries.remove(slot)
        let left = rows(of: client) - item.rows
        rowsByClient[client] = left > 0 ? left : nil
        rows -= item.rows
        count -= 1
        if lines[line].entries.first == nil { close(line) }
        return item.entry
    }
}

extension FairQueue {
    /// The next batch: of the key whose turn it is, the entries of its clients in turns, up to the
    /// first that would pass `maximumRows`; that one is the first of the next. Nil when nothing
    /// waits.
    @inlinable mutating func takeBatch(maximumRows: Int) -> Batch<Key, Entry>? {
        guard let lane = round.first else { return nil }
        laneTurns.rotate(&round)
        let key = lanes[lane].key
        var taken: [Entry] = []
        var sum = 0
        while sum < maximumRows, laneSlots[key] != nil, let line = lanes[lane].lines.first {
            grantCredit(to: line)
            guard let slot = lines[line].entries.first, entries[slot].rows <= lines[line].credit
            else {
                endTurn(of: line)
                continue
            }
            let rows = entries[slot].rows
            if !taken.isEmpty, rows > maximumRows - sum { break }
            lines[line].credit -= rows
            sum += rows
            if let entry = take(slot) { taken.append(entry) }
        }
        return Batch(key: key, entries: taken, rows: sum)
    }

    @inlinable mutating func grantCredit(to line: Int) {
        guard !lines[line].isServed else { return }
        lines[line].isServed = true
        lines[line].credit += quantum
    }

    @inlinable mutating func endTurn(of line: Int) {
        lines[line].isServed = false
        lineTurns.rotate(&lanes[lines[line].lane].lines)
    }

    /// The line of that name, opened behind the others when there is none.
    @inlinable mutating func line(_ name: LineName) -> Int {
        if let line = lineSlots[name] { return line }
        let lane = lane(name.key)
        let line = lines.insert(Line(name: name, lane: lane))
        lineSlots[name] = line
        lineTurns.append(line, to: &lanes[lane].lines)
        return line
    }

    @inlinable mutating func lane(_ key: Key) -> Int {
        if let lane = laneSlots[key] { return lane }
        let lane = lanes.insert(Lane(key: key))
        laneSlots[key] = lane
        laneTurns.append(lane, to: &round)
        return lane
    }

    /// Forgets a line that has become empty, its credit included, and its lane with the last line.
    @inlinable mutating func close(_ line: Int) {
        let (name, lane) = (lines[line].name, lines[line].lane)
        lineSlots[name] = nil
        lineTurns.remove(line, from: &lanes[lane].lines)
        lines.remove(line)
        guard lanes[lane].lines.first == nil else { return }
        laneSlots[name.key] = nil
        laneTurns.remove(lane, from: &round)
        lanes.remove(lane)
    }
}
