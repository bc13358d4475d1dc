import Testing

@testable import Service

@Suite struct TurnBudgetTests {
    /// Tells for each count, asked for in the turn beside it, whether it fits into a budget of 100.
    private func taken(_ asked: [(count: Int, turn: UInt64)]) -> [Bool] {
        var budget = TurnBudget(100)
        return asked.map { budget.takes($0.count, now: $0.turn) }
    }

    @Test(arguments: -1...1) func `a turn has its budget, once`(excess: Int) {
        #expect(taken([(60, 7), (40 + excess, 7), (1, 7)]) == [true, excess <= 0, excess != 0])
    }

    @Test func `the next turn has as much again`() {
        #expect(taken([(100, 7), (1, 7), (100, 8), (1, 8)]) == [true, false, true, false])
    }

    @Test func `what does not fit leaves the rest to others`() {
        #expect(taken([(101, 1), (100, 1)]) == [false, true])
    }
}
