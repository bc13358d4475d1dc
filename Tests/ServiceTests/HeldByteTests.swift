import Testing

@testable import Service

@Suite struct HeldByteTests {
    @Test(arguments: -1...1) func `the limit is inclusive`(_ excess: Int) {
        let held = HeldBytes(limit: 100)
        held.change(by: 60)
        held.change(by: 40 + excess)
        #expect(held.isOver == (excess > 0))
        held.change(by: -1)
        #expect(!held.isOver)
        held.change(by: -99 - excess)
        held.change(by: 100)
        #expect(!held.isOver)
    }

    @Test(arguments: -1...1) func `beyond it there is a reserve for what is short`(excess: Int) {
        let held = HeldBytes(limit: 100)
        held.change(by: 100 + max(0, excess))
        #expect(held.hasRoom(for: HeldBytes.short))
        #expect(held.hasRoom(for: HeldBytes.short + 1) == (excess <= 0))
        held.change(by: 25 + min(0, excess))
        #expect(held.isFull == (excess > 0))
        #expect(held.hasRoom(for: 0) == (excess <= 0))
    }

    @Test func `without a limit there is room`() {
        let held = HeldBytes(limit: .max)
        held.change(by: 1 << 40)
        #expect(!held.isOver && !held.isFull)
    }

    @Test func `there is always room for a few of the largest`() {
        var options = ServiceOptions()
        #expect(options.maxHeldBytes == 1 << 30)
        options.maxBodyBytes = 1 << 30
        #expect(options.maxHeldBytes == 4 << 30)
        options.maxResponseBytes = 2 << 30
        #expect(options.maxHeldBytes == 8 << 30)
        options.maxResponseBytes = .max
        #expect(options.maxHeldBytes == .max)
    }
}
