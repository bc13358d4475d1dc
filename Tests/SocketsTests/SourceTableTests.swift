import Testing

@testable import Sockets

@Suite struct SourceTableTests {
    private final class Nothing: EventSource {
        func ready(_ events: EpollEvents) {}
        func timerFired(now: UInt64) {}
        func shutDown() {}
    }

    @Test func `a slot that is used again has a new name`() {
        var table = SourceTable()
        let first = table.reserve()
        table.set(Nothing(), for: first)
        #expect(table[first] != nil)
        table.remove(first)
        table.remove(first)
        let second = table.reserve()
        let third = table.reserve()
        table.set(Nothing(), for: second)
        #expect(first.index == second.index)
        #expect(third.index != second.index)
        #expect(table[first] == nil)
        #expect(table[second] != nil)
        #expect(SourceID(packed: second.packed) == second)
        #expect(table.all.count == 1)
    }
}
