import Testing

@testable import Logs

@Suite struct LogBufferTests {
    static func line(_ length: Int) -> [UInt8] {
        [UInt8](repeating: UInt8(ascii: "x"), count: length - 1) + [UInt8(ascii: "\n")]
    }

    @Test(arguments: [
        (LogBuffer.Kind.event, LogBuffer.maxBytes),
        (.access, LogBuffer.maxBytes - LogBuffer.reservedEventBytes),
    ])
    func `lines are kept up to the limit`(_ kind: LogBuffer.Kind, _ limit: Int) {
        for (length, fits) in [(limit - 1, true), (limit, true), (limit + 1, false)] {
            var buffer = LogBuffer()
            buffer.append(.access) { $0 += Self.line(2) }
            buffer.append(kind) { $0 += Self.line(length - 2) }
            #expect(buffer.bytes.count == (fits ? length : 2))
            #expect(buffer.droppedCount == (fits ? 0 : 1))
        }
    }

    @Test func `requests leave room for events`() {
        var buffer = LogBuffer()
        let line = Self.line(200)
        for _ in 0..<2 * LogBuffer.maxBytes / 200 { buffer.append(.access) { $0 += line } }
        let dropped = buffer.droppedCount
        #expect(dropped > 0)
        buffer.append(.event) { $0 += Self.line(LogBuffer.reservedEventBytes) }
        #expect(buffer.droppedCount == dropped)
        #expect(buffer.bytes.count <= LogBuffer.maxBytes)
    }

    @Test func `a taken buffer leaves room for the next`() {
        var buffer = LogBuffer()
        buffer.append(.event) { $0 += Self.line(LogBuffer.maxBytes) }
        #expect(buffer.take(leaving: [1, 2, 3]).count == LogBuffer.maxBytes)
        #expect(buffer.bytes == [])
        buffer.append(.event) { $0 += Self.line(LogBuffer.maxBytes) }
        buffer.drop(3)
        #expect(buffer.droppedCount == 3)
    }
}
