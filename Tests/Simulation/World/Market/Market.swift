import Batching
import Fixtures

/// Clients of all manners, and the queue between them, over a clock that jumps from one event to
/// the next. One seed gives one course of events.
package final class Market {
    package struct Tally: Sendable {
        package var slices = 0
        package var computed = 0
        package var expired = 0
        package var cancelled = 0
        package var turnedAway = 0
        package var eras = 0
        /// The furthest that a client with work was behind another, in quanta.
        package var furthestBehind = 0.0
        /// The same in parts of what is allowed.
        package var furthestPart = 0.0
        /// The longest wait of an entry of an idle client, in quanta, if it goes first and
        /// no other fresh one is before it.
        package var longestFirstWait = 0.0
        /// The same for all, and in parts of what is allowed.
        package var longestWait = 0.0
        package var longestWaitPart = 0.0
        /// The most of the time that new clients got beside one that stayed.
        package var newcomersPart = 0.0
    }

    /// Customers in one era; a connection's number tells whose it is.
    private static let places = 64

    let seed: UInt64
    private let fault: Fault?
    private var random: SeededRandom
    package private(set) var tally = Tally()
    private var now: UInt64 = 1_000_000
    private var era: Era
    private var stepsLeft = 0
    private var processor: Processor
    private var customers: [Customer] = []
    private var nextName: UInt64 = 0
    private var nextConnection = 0

    package init(seed: UInt64, fault: Fault? = nil) {
        self.seed = seed
        self.fault = fault
        random = SeededRandom(seed: seed)
        era = Era(random: &random)
        processor = Processor(limits: era.limits, clients: 1, block: 0, fault: fault)
    }

    /// Takes `count` steps, an event each.
    package func run(steps count: Int) throws(Breach) {
        for step in 0..<count {
            do throws(Breach) { try self.step(step) } catch {
                var breach = error
                breach.seed = seed
                breach.step = step
                throw breach
            }
        }
        note()
    }

    private func step(_ step: Int) throws(Breach) {
        if stepsLeft == 0 { try end() }
        if stepsLeft > 0 {
            stepsLeft -= 1
            if stepsLeft == 0 { try close() }
        }
        if stepsLeft == 0, processor.isEmpty { return }
        let submission = stepsLeft > 0 ? customers.map(\.nextSubmission).min() ?? .max : .max
        now = max(now, min(processor.due, submission))
        if processor.due <= now {
            for piece in try processor.endSlice(now) {
                tally.computed += 1
                try answer(piece)
            }
        }
        if stepsLeft > 0 { try submit() }
        try settle()
        if step % 16 == 0 { try processor.check() }
    }

    private func settle() throws(Breach) {
        while true {
            let late = try processor.advance(now, random: &random)
            if late.isEmpty { return }
            for piece in late {
                tally.expired += 1
                try answer(piece)
            }
        }
    }

    /// Nothing is left of an era; the next one begins.
    private func end() throws(Breach) {
        guard processor.isEmpty else { return }
        try processor.check()
        note()
        tally.eras += 1
        era = Era(random: &random)
        stepsLeft = era.steps
        processor = Processor(
            limits: era.limits, clients: era.clients, block: era.block, fault: fault)
        customers = era.manners.enumerated().map { place, manner in
            Customer(manner, number: number(place), era: era, random: &random)
        }
        for place in customers.indices { customers[place].nextSubmission = now }
    }

    private func number(_ place: Int) -> Int {
        nextConnection += 1
        return nextConnection * Self.places + place
    }

    private func note() {
        let audit = processor.audit
        tally.slices += processor.sliceCount
        tally.furthestBehind = max(tally.furthestBehind, audit.shares.furthest)
        tally.furthestPart = max(tally.furthestPart, audit.shares.furthestPart)
        tally.longestFirstWait = max(tally.longestFirstWait, audit.waits.longestFirst)
        tally.longestWait = max(tally.longestWait, audit.waits.longest)
        tally.longestWaitPart = max(tally.longestWaitPart, audit.waits.longestPart)
        tally.newcomersPart = max(tally.newcomersPart, audit.newcomers.largestPart)
    }

    /// No client sends any more, and all take back what waits.
    private func close() throws(Breach) {
        for place in customers.indices {
            while !customers[place].tickets.isEmpty { try takeBack(place, 0) }
        }
    }
}

/// The clients.
extension Market {
    private func submit() throws(Breach) {
        for place in customers.indices where customers[place].nextSubmission <= now {
            customers[place].nextSubmission = .max
            if customers[place].manner == .hasty, Int.random(in: 0..<3, using: &random) == 0,
                let index = customers[place].tickets.indices.randomElement(using: &random)
            {
                try takeBack(place, index)
            }
            while customers[place].open < customers[place].depth {
                guard try submit(place) else { break }
            }
            if customers[place].manner == .hasty || customers[place].open == 0 {
                let pause = customers[place].pause(era, random: &random)
                customers[place].nextSubmission = now + pause + 1
            }
        }
    }

    /// Sends one entry; false if it was refused.
    private func submit(_ place: Int) throws(Breach) -> Bool {
        let customer = customers[place]
        if customer.manner == .stranger {
            processor.forget(customer.number)
            customers[place].number = number(place)
        }
        nextName += 1
        let cost = customer.cost(era, random: &random)
        let isLarge = !customer.isShortOnly && Bool.random(using: &random)
        let rows = Int.random(in: 1...(isLarge ? 80 : 4), using: &random)
        let patience: UInt64 =
            customer.manner == .hasty
            ? random.logUniform(100_000, 2_000_000_000) : 10_000_000_000_000_000
        let piece = Piece(
            name: nextName, client: customers[place].number, key: customer.key,
            size: EntrySize(
                rows: customer.rows(rows, of: era.limits.maxClientRows),
                expected: customer.expected(cost, era, random: &random),
                bytes: Int.random(in: 0...(isLarge ? 900_000 : 9000), using: &random)),
            deadline: now + patience, admission: now, cost: cost, block: customer.block)
        guard let ticket = try processor.admit(piece, now: now) else {
            tally.turnedAway += 1
            return false
        }
        customers[place].open += 1
        customers[place].tickets.append((piece.name, ticket))
        return true
    }

    private func takeBack(_ place: Int, _ index: Int) throws(Breach) {
        let (name, ticket) = customers[place].tickets.remove(at: index)
        if try processor.cancel(ticket, name: name) {
            tally.cancelled += 1
            customers[place].open -= 1
        }
    }

    /// A client has its answer, or knows that there will be none.
    private func answer(_ piece: Piece) throws(Breach) {
        let place = piece.client % Self.places
        customers[place].open -= 1
        customers[place].tickets.removeAll { $0.name == piece.name }
        let pause = customers[place].pause(era, random: &random)
        customers[place].nextSubmission = min(customers[place].nextSubmission, now + pause)
    }
}
