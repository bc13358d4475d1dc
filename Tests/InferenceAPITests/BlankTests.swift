import Testing

@testable import InferenceAPI

/// Blanks of any number: the first are skipped one by one, those behind them 64 at a time.
@Suite struct BlankTests {
    private static let kinds = Array(" \t\r\n".utf8)

    /// A run in which every kind of blank is at every place of a block.
    private func blanks(_ count: Int) -> [UInt8] {
        (0..<count).map { Self.kinds[($0 + $0 / 4 + $0 / 64) % 4] }
    }

    private static let counts = [0, 1, 15, 16, 17, 63, 64, 65, 79, 80, 81, 144, 145, 1000]

    @Test(arguments: counts) func `they stand between all tokens`(count: Int) {
        let tokens = ["", "[", "1", ",", "{", "\"a\"", ":", "2", "}", "]", ""]
        let text = tokens.map { Array($0.utf8) }.joined(separator: blanks(count))
        #expect(walkFailure(WholeBody(Array(text))) == nil)
        for size in [1, 63, 64, 65, 100] {
            #expect(walkFailure(PiecewiseBody(Array(text), sizes: [size])) == nil)
        }
        for kind in Self.kinds {
            let run = [UInt8](repeating: kind, count: count)
            #expect(walkFailure(WholeBody(run + Array("[]".utf8) + run)) == nil)
        }
    }

    /// Neighbours of the blanks among all bytes, and those that differ from one in a single bit.
    @Test(arguments: [0x00, 0x08, 0x0B, 0x0C, 0x0E, 0x1F, 0x21, 0x60, 0x89, 0xA0] as [UInt8])
    func `nothing else is skipped, wherever it stands`(byte: UInt8) {
        let run = blanks(200)
        for place in run.indices {
            var text = run
            text[place] = byte
            guard case .malformedJSON(let position, _, _) = walkFailure(WholeBody(text)) else {
                Issue.record("\(byte) at \(place) is skipped")
                return
            }
            let lines = text[..<place].split(separator: 0x0A, omittingEmptySubsequences: false)
            #expect(position.offset == place && position.line == lines.count)
            #expect(position.column == 1 + (lines.last?.count ?? 0))
        }
    }

    /// Line feeds of 64 × 255 bytes are counted before their number is carried over.
    @Test(arguments: [63, 64, 65, 16_319, 16_320, 16_321, 16_383, 16_384, 16_385, 40_000])
    func `all lines are counted`(count: Int) {
        let text = [UInt8](repeating: 0x0A, count: count) + Array("x".utf8)
        for body: any BodySource in [WholeBody(text), PiecewiseBody(text, sizes: [16_321, 7])] {
            guard case .malformedJSON(let position, _, _) = walkFailure(body) else {
                Issue.record("not malformed")
                return
            }
            #expect(position.offset == count)
            #expect(position.line == count + 1 && position.column == 1)
        }
    }
}
