import Simulation
import Testing

/// Short courses of the simulation; `make simulate` takes a million steps of each seed.
@Suite struct SimulationTests {
    static let steps = 20_000

    @Test(arguments: 0..<8 as Range<UInt64>) func `no invariant is broken`(seed: UInt64) throws {
        var world = World(seed: seed)
        try world.run(steps: Self.steps)
        // Each thing that may happen has happened, in courses of this length a hundred times.
        let tally = world.tally
        #expect(tally.answers > 500)
        for count in [
            tally.refusals, tally.strangers, tally.computed, tally.expired, tally.cancelled,
            tally.connections, tally.turnedAway, tally.resets,
        ] { #expect(count > 10) }
        #expect(tally.drains > 0)
    }

    @Test func `a seed gives one course of events`() throws {
        var (first, second) = (World(seed: 7), World(seed: 7))
        try first.run(steps: 2000)
        try second.run(steps: 2000)
        #expect("\(first.tally)" == "\(second.tally)")
    }
}
