import Batching
import Fixtures
import HTTPMessages

/// Clients, connections, the queue and a head over a clock that only the simulation moves. One
/// seed gives one course of events. The owner of a connection, its state machine, its table of
/// requests and the queue are the service's own.
package final class World {
    package struct Tally: Sendable {
        package var answers = 0
        package var refusals = 0
        package var strangers = 0
        package var computed = 0
        package var expired = 0
        package var cancelled = 0
        package var drains = 0
        package var connections = 0
        package var turnedAway = 0
        package var resets = 0
        package var aborts = 0
    }

    static let maxPeers = 10

    let seed: UInt64
    var random: SeededRandom
    package internal(set) var tally = Tally()
    var now: UInt64 = 1_000_000
    var limits = HTTPLimits()
    var processor: Processor
    var peers: [Peer] = []
    /// The predictions that the queue is supposed to hold, or that are in progress, by name.
    var jobs: [UInt64: Job] = [:]
    /// The tickets of those that wait.
    var tickets: [UInt64: Ticket] = [:]
    /// The model's generation.
    var key = 0
    let fault: Fault?
    /// When the drain that is under way must have ended.
    var drainEnd: UInt64?
    /// When connections without a request are closed in it.
    var graceEnd: UInt64?
    /// Whether clients stay through the drain, so that it is the server that ends it.
    var clientsStay = false
    var nextName: UInt64 = 0
    var nextConnection = 0

    package init(seed: UInt64, fault: Fault? = nil) {
        self.seed = seed
        self.fault = fault
        random = SeededRandom(seed: seed)
        processor = Processor(
            limits: TurnLimits(maxClientRows: 1, maxBatchRows: 1), clients: 1, block: 0, fault: nil)
        begin()
    }

    /// Takes `count` steps.
    package func run(steps count: Int) throws(Breach) {
        for step in 0..<count {
            do throws(Breach) { try self.step(step) } catch {
                var breach = error
                breach.seed = seed
                breach.step = step
                throw breach
            }
        }
    }

    /// A server that has just started, with limits of its own.
    func begin() {
        drainEnd = nil
        graceEnd = nil
        clientsStay = false
        limits.maxPipelinedRequests = Int.random(in: 1...6, using: &random)
        limits.maxPipelinedBodyBytes = 300
        limits.maxUnflushedBytes = 600
        limits.headerTimeout = 20_000_000
        limits.bodyTimeout = 30_000_000
        limits.idleTimeout = 40_000_000
        limits.writeTimeout = 30_000_000
        limits.lingerTimeout = 5_000_000
        limits.drainGrace = 10_000_000
        limits.maxLingerBytes = 2000
        let delay: UInt64 = Int.random(in: 0..<3, using: &random) == 0 ? 2_000_000 : 0
        processor = Processor(
            limits: TurnLimits(
                maxClientRows: Int.random(in: 8...80, using: &random),
                maxBatchRows: Int.random(in: 1...16, using: &random),
                maxBatchDelay: delay,
                quantum: UInt64.random(in: 100_000...4_000_000, using: &random),
                maxRuns: Int.random(in: 2...12, using: &random),
                maxRunBytes: Int.random(in: 100...20_000, using: &random)),
            clients: 3 * Self.maxPeers, block: Job.longestBlock, fault: fault)
    }

    private func step(_ step: Int) throws(Breach) {
        switch Int.random(in: 0..<1000, using: &random) {
        case ..<300: try withPeer { world, peer throws(Breach) in try world.send(peer) }
        case ..<480:
            try withPeer { world, peer throws(Breach) in
                guard peer.mayCompose else { return }
                world.nextName += 1
                peer.compose(name: world.nextName, random: &world.random)
            }
        case ..<680: try withPeer { world, peer throws(Breach) in try world.read(peer) }
        case ..<900: try passTime()
        case ..<960: if peers.count < Self.maxPeers, drainEnd == nil { try connect() }
        case ..<976: if !clientsStay { try loseClient() }
        case ..<980: key += 1
        case ..<984:
            try withPeer { _, peer throws(Breach) in
                try peer.shedBody()
            }
        case 984: if step % 4 == 0 { try drain() }
        default: try passTime()
        }
        try settle()
        try check()
    }

    private func loseClient() throws(Breach) {
        try withPeer { world, peer throws(Breach) in
            if Int.random(in: 0..<4, using: &world.random) == 0 {
                try world.reset(peer)
            } else {
                try world.endClient(peer)
            }
        }
    }

    private func withPeer(
        _ body: (World, Peer) throws(Breach) -> Void
    ) throws(Breach) {
        guard let peer = peers.randomElement(using: &random) else { return }
        try body(self, peer)
    }

    /// Moves the clock, at most to the next thing that is due, and does what is due then.
    private func passTime() throws(Breach) {
        var due = processor.due
        for peer in peers { due = min(due, peer.timer ?? .max) }
        now = min(due, now + UInt64.random(in: 0...1_000_000, using: &random))
        for peer in peers where peer.timer.map({ $0 <= now }) == true {
            peer.timer = nil
            try peer.timerFired()
        }
        if processor.isComputing, processor.due <= now { try endSlice() }
    }
}
