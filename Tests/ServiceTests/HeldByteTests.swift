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

    // MARK: Charges

    /// A charge that is not long needs no room but the reserve's.
    @Test(arguments: -1...1) func `a charge is taken where there is room`(excess: Int) throws {
        let long = HeldBytes.short + 1
        let held = HeldBytes(limit: 3 * long)
        do {
            let charge = HeldCharge(held)
            held.change(by: long + excess)
            if excess > 0 {
                #expect(throws: Refusal.self) { try charge.add(2 * long) }
                #expect(held.held == long + excess, "nothing of it is held")
            } else {
                try charge.add(2 * long)
                #expect(held.held == 3 * long + excess)
            }
            held.change(by: -long - excess)
        }
        #expect(held.held == 0)
    }

    @Test func `a charge that becomes long has no more right to the reserve`() throws {
        let held = HeldBytes(limit: 1 << 20)
        held.change(by: 1 << 20)
        do {
            let charge = HeldCharge(held)
            try charge.add(HeldBytes.short)
            #expect(throws: Refusal.self) { try charge.add(1) }
            #expect(held.held == (1 << 20) + HeldBytes.short)
        }
        #expect(held.held == 1 << 20)
    }

    @Test func `a charge of nothing gives nothing back`() {
        let held = HeldBytes(limit: 10)
        do { _ = HeldCharge(held) }
        #expect(held.held == 0)
    }
}
