/// The waiting entries, and the order in which keys and clients take turns.
///
/// Keys take turns batch by batch, whichever came first: a key with little to do never waits for
/// more than one batch of each other key. Within a key, clients take turns by deficit round-robin
/// (Shreedhar and Varghese, 1995), counted in rows: each turn gives a client `quantum` rows of
/// credit, its entries are charged against it, and credit that is too little for its next entry is
/// kept. So of two clients that always have entries waiting, neither gets ahead of the other by
/// more rows than a quantum and their largest entry. The entries of a client stay in order.
///
/// Adding and removing an entry are O(1), taking one is O(1 + rows / quantum), amortised. Memory
/// is proportional to the largest number of entries that ever waited.
@usableFromInline
struct FairQueue<Key: Hashable & Sendable, Client: Hashable & Sendable, Entry: Sendable>: Sendable {
    @usableFromInline struct Waiting: Sendable {
        @usableFromInline let sequence: UInt64
        @usableFromInline let rows: Int
        @usableFromInline let deadline: UInt64
        /// The end of its delay, in which others may join it.
        @usableFromInline let heldUntil: UInt64
        /// Nil once removed.
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

    /// A client's entries for one key. A line without entries is closed.
    @usableFromInline struct Line: Sendable {
        @usableFromInline let name: LineName
        @usableFromInline let lane: Int
        @usableFromInline var entries = Chain()
        /// Rows that it may take.
        @usableFromInline var credit = 0
        /// Whether its turn has begun, and credit was granted for it.
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

    /// The clients' lines of one key, in the order of their turns. A lane without lines is closed.
    @usableFromInline struct Lane: Sendable {
        @usableFromInline let key: Key
        @usableFromInline var lines = Chain()

        @inlinable init(key: Key) { self.key = key }
    }

    /// Rows of credit per turn; several clients' turns fit into a batch.
    @usableFromInline let quantum: Int
    @usableFromInline var count = 0
    @usableFromInline var rows = 0
    @usableFromInline var entries = Slots<Waiting>()
    @usableFromInline var lines = Slots<Line>()
    @usableFromInline var lanes = Slots<Lane>()
    @usableFromInline var lineSlots: [LineName: Int] = [:]
    @usableFromInline var laneSlots: [Key: Int] = [:]
    @usableFromInline var rowsByClient: [Client: Int] = [:]
    /// Links of all entries in order of admission, of the entries of a line, of the lines of a lane
    /// and of the lanes.
    @usableFromInline var ages = Links()
    @usableFromInline var places = Links()
    @usableFromInline var lineTurns = Links()
    @usableFromInline var laneTurns = Links()
    @usableFromInline var age = Chain()
    @usableFromInline var round = Chain()

    @inlinable init(quantum: Int) {
        self.quantum = max(1, quantum)
    }

    /// The number of clients with entries here.
    @inlinable var clientCount: Int { rowsByClient.count }

    /// A client's rows, over all keys.
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

    /// Whether the ticket's entry waits here.
    @inlinable func holds(_ ticket: Ticket) -> Bool {
        entries[ticket.slot].sequence == ticket.sequence && entries[ticket.slot].entry != nil
    }

    @inlinable subscript(slot: Int) -> Waiting { entries[slot] }

    /// Adds an entry behind the others of its client and returns its slot.
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

    /// Removes an entry that is no longer wanted. Credit that its client had gathered for it is
    /// lost, and does not go to the client's other entries.
    @inlinable mutating func remove(_ slot: Int) -> Entry? {
        let line = entries[slot].line
        lines[line].credit = min(lines[line].credit, quantum)
        return take(slot)
    }

    /// Takes an entry out of all lists.
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
    /// The next batch: entries of the key whose turn it is, its clients taking turns, up to the
    /// first entry that would exceed `maxRows`, which begins the next batch. Nil if nothing waits.
    @inlinable mutating func takeBatch(maxRows: Int) -> Batch<Key, Entry>? {
        guard let lane = round.first else { return nil }
        laneTurns.rotate(&round)
        let key = lanes[lane].key
        var taken: [Entry] = []
        var sum = 0
        while sum < maxRows, laneSlots[key] != nil, let line = lanes[lane].lines.first {
            grantCredit(to: line)
            guard let slot = lines[line].entries.first, entries[slot].rows <= lines[line].credit
            else {
                endTurn(of: line)
                continue
            }
            let rows = entries[slot].rows
            if !taken.isEmpty, rows > maxRows - sum { break }
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

    /// The line of that name; opened behind the others if there is none.
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

    /// Removes an empty line with its credit, and its lane with the last line.
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
