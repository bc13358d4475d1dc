import Simulation
import Testing

/// Short courses of greedy and of polite clients of the queue.
@Suite struct MarketTests {
    static let steps = 20_000

    @Test(arguments: 0..<4 as Range<UInt64>) func `turns are fair`(seed: UInt64) throws {
        let market = Market(seed: seed)
        try market.run(steps: Self.steps)
        let tally = market.tally
        #expect(tally.eras > 0 && tally.slices > 10_000 && tally.computed > 500)
        // Something was at stake: clients were behind, and waited.
        #expect(tally.furthestBehind > 1 && tally.longestWait > 1)
    }

    /// The end of the course of a market with a fault.
    private func breach(of fault: Fault, seed: UInt64) -> Breach? {
        let market = Market(seed: seed, fault: fault)
        do throws(Breach) { try market.run(steps: Self.steps) } catch { return error }
        return nil
    }

    @Test(
        arguments: [
            (.sharersUncharged, .sharesAreEqual), (.debtForgiven, .sharesAreEqual),
            (.firstEveryTime, .sharesAreEqual), (.newcomersUncharged, .newcomersGetHalf),
            (.slicesStretched, .oneSlice), (.quotaShared, .refusedByOwnShare),
            (.deadlineBehindOthers, .refusedByOwnShare), (.batchForgotten, .countersAgree),
            (.twoAtOnce, .oneSlice), (.keysMixed, .batchIsSound), (.bytesKept, .sharesAreEqual),
            (.expiredDropped, .leavesOnce),
        ] as [(Fault, Invariant)])
    func `a planted fault is noticed`(fault: Fault, invariant: Invariant) {
        // Not every course has clients whom the fault harms; most of the first ones have.
        let isNoticed = (0..<8 as Range<UInt64>).contains { seed in
            breach(of: fault, seed: seed)?.invariant == invariant
        }
        #expect(isNoticed)
    }

    @Test func `a seed gives one course of events`() throws {
        let (first, second) = (Market(seed: 7), Market(seed: 7))
        try first.run(steps: 2000)
        try second.run(steps: 2000)
        #expect("\(first.tally)" == "\(second.tally)")
    }
}
