import Testing

@testable import Sockets

@Suite struct WriteQueueTests {
    @Test(arguments: -1...1) func `writes are joined up to 64 KiB`(excess: Int) {
        var queue = WriteQueue()
        queue.append([UInt8](repeating: 1, count: 1000))
        queue.append([UInt8](repeating: 2, count: 64 * 1024 - 1000 + excess))
        #expect(queue.next?.segment.count == (excess > 0 ? 1000 : 64 * 1024 + excess))
        #expect(queue.count == 64 * 1024 + excess)
    }

    @Test(arguments: 0..<10) func `bytes leave in the order they came`(seed: UInt64) {
        var state = seed &+ 99
        func draw(_ bound: UInt64) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % bound)
        }
        var queue = WriteQueue()
        var expected: [UInt8] = []
        var sent: [UInt8] = []
        for round in 0..<60 {
            let bytes = [UInt8](repeating: UInt8(truncatingIfNeeded: round), count: draw(90) * 1000)
            queue.append(bytes)
            expected += bytes
            for _ in 0..<draw(3) {
                guard let (segment, offset) = queue.next else { break }
                let count = 1 + draw(UInt64(segment.count - offset))
                sent += segment[offset..<(offset + count)]
                queue.advance(count)
            }
            #expect(queue.count == expected.count - sent.count)
        }
        while let (segment, offset) = queue.next {
            sent += segment[offset...]
            queue.advance(segment.count - offset)
        }
        #expect(queue.count == 0)
        #expect(sent == expected)
    }
}
