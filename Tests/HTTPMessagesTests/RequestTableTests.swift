import Fixtures
import Testing

@testable import HTTPMessages

@Suite struct RequestTableTests {
    private static func id(_ ordinal: Int) -> RequestID { RequestID(ordinal: UInt64(ordinal)) }

    /// Works are numbered as they come, so that one that is handed out twice shows.
    @Test(arguments: 0..<20) func `the table is a dictionary that keeps its order`(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        var table = RequestTable<Int>()
        var works: [RequestID: Int] = [:]
        var order: [RequestID] = []
        var made = 0
        var handedOut: [Int] = []
        for _ in 0..<1000 {
            let id = Self.id(Int.random(in: 0..<24, using: &random))
            switch Int.random(in: 0..<20, using: &random) {
            case 0:
                let all = table.removeAll()
                #expect(all == order.map { works[$0] })
                handedOut += all
                (works, order) = ([:], [])
            case 1..<11 where works[id] == nil:
                table.insert(id, made)
                works[id] = made
                order.append(id)
                made += 1
            default:
                let work = table.remove(id)
                #expect(work == works.removeValue(forKey: id))
                order.removeAll { $0 == id }
                handedOut += work.map { [$0] } ?? []
            }
            #expect(table.count == works.count)
            #expect(table.isEmpty == works.isEmpty)
        }
        handedOut += table.removeAll()
        #expect(handedOut.sorted() == Array(0..<made), "each work leaves once")
    }

    @Test func `works leave in the order in which they began, not in that of their requests`() {
        var table = RequestTable<String>()
        for (ordinal, work) in [(3, "a"), (1, "b"), (2, "c"), (0, "d")] {
            table.insert(Self.id(ordinal), work)
        }
        #expect(table.remove(Self.id(2)) == "c")
        table.insert(Self.id(2), "e")
        #expect(table.removeAll() == ["a", "b", "d", "e"])
        #expect(table.removeAll().isEmpty && table.isEmpty)
        #expect((0..<4).allSatisfy { table.remove(Self.id($0)) == nil })
    }

    @Test func `a work that was taken out is not there any more`() {
        var table = RequestTable<Int>()
        #expect(table.remove(Self.id(0)) == nil)
        table.insert(Self.id(0), 7)
        #expect(table.remove(Self.id(1)) == nil)
        #expect(table.remove(Self.id(0)) == 7)
        #expect(table.remove(Self.id(0)) == nil)
        #expect(table.removeAll().isEmpty)
    }
}
