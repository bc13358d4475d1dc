import CNumberText
import Testing

/// Nothing before a text and nothing behind it is read, whatever its length and wherever in it the
/// reading begins.
@Suite struct NumberFenceTests {
    private func check(_ list: String, _ location: SourceLocation = #_sourceLocation) {
        let fence = FencedText()
        let text = Array((list + "]").utf8)
        for count in 0...text.count {
            // Many are read at a time from the 8th byte on, or the 33rd, and where 64 are left.
            for start in [0, 1, 7, 8, 9, 32, 33, 34, 36] where start <= count {
                checkReadings(of: text[..<count], from: start, fence, location)
            }
        }
    }

    private func checkReadings(
        of text: ArraySlice<UInt8>, from start: Int, _ fence: borrowing FencedText,
        _ location: SourceLocation
    ) {
        var (floats, indices) = (
            [Float](repeating: 0, count: 99), [UInt32](repeating: 0, count: 99)
        )
        var readings: [Int: [Int]] = [:]
        for read in 0..<4 {
            unsafe fence.forEachPlace(of: text) { bytes in
                let reading =
                    switch read {
                    case 0: unsafe cnt_read_floats(bytes, text.count, start, &floats, 99)
                    case 1: unsafe cnt_read_floats_portably(bytes, text.count, start, &floats, 99)
                    case 2: unsafe cnt_read_indices(bytes, text.count, start, &indices, 99, .max)
                    default:
                        unsafe cnt_read_indices_portably(
                            bytes, text.count, start, &indices, 99, .max)
                    }
                readings[read / 2, default: []].append(reading.count)
            }
        }
        for counts in readings.values {
            #expect(Set(counts).count == 1, sourceLocation: location)
        }
    }

    /// Digits that are read in pairs, words and more than words; exponents and halves of floats,
    /// which are read again from their first byte on.
    @Test(arguments: [
        "1", "12", "1234567", "12345678", "-0.25", " 1.5", "1e5", "1e-12", "0.00000001",
        "123456789012345678.5", "12345678901234567890123456789012", "16777217",
        "1.00000005960464477539062500",
    ])
    func `lists of one number`(number: String) {
        check(
            [String](repeating: number, count: 150 / number.utf8.count).joined(separator: ","))
    }

    @Test func `lists of many kinds`() {
        check("1,23, 4.5,-6.75,1e3,0.000001,123456789,16777217.0,12345678.12345678,0,9")
        check("1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9,0,11,22,x")
    }
}
