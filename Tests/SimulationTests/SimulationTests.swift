import Simulation
import Testing

/// Short courses of connections and clients; `make simulate` takes a million steps of each seed.
@Suite struct SimulationTests {
    static let steps = 30_000

    @Test(arguments: 0..<8 as Range<UInt64>) func `no invariant is broken`(seed: UInt64) throws {
        let world = World(seed: seed)
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

    /// The end of the course of a world with a fault.
    private func breach(of fault: Fault, seed: UInt64) -> Breach? {
        let world = World(seed: seed, fault: fault)
        // Longer than a course, as some faults show in a drain only; most end it at once.
        do throws(Breach) { try world.run(steps: 6 * Self.steps) } catch { return error }
        return nil
    }

    @Test(
        arguments: [
            (.rowsShifted, .rowsUnmixed), (.clockStandsStill, .timersAhead),
            (.timersLost, .timersAhead), (.answersLost, .drainEnds),
        ] as [(Fault, Invariant)])
    func `a planted fault is noticed`(fault: Fault, invariant: Invariant) {
        for seed in 0..<2 as Range<UInt64> {
            let breach = breach(of: fault, seed: seed)
            #expect(breach?.invariant == invariant, "\(breach?.description ?? "no breach")")
        }
    }

    @Test func `a seed gives one course of events`() throws {
        let (first, second) = (World(seed: 7), World(seed: 7))
        try first.run(steps: 2000)
        try second.run(steps: 2000)
        #expect("\(first.tally)" == "\(second.tally)")
    }
}
