import Testing

@testable import Heads

@Suite struct MixedRadixTests {
    @Test func `the first head is the most significant`() throws {
        let radix = try #require(MixedRadix(sizes: [4, 5, 6], classCount: 120))
        #expect(radix.digits(of: 0) == [0, 0, 0])
        #expect(radix.digits(of: 7) == [0, 1, 1])
        #expect(radix.digits(of: 30) == [1, 0, 0])
        #expect(radix.digits(of: 119) == [3, 4, 5])
        for label in 0..<120 { #expect(radix.label(of: radix.digits(of: label)) == label) }
    }

    @Test func `the boxes are the labels`() throws {
        for classes in 1...60 {
            let radix = try #require(MixedRadix(sizes: [3, 4, 5], classCount: classes))
            #expect(radix.boxes.count <= 3)
            let inBoxes = (0..<60).filter { label in
                let digits = radix.digits(of: label)
                return radix.boxes.filter { box in
                    Array(digits.prefix(box.prefix.count)) == box.prefix
                        && digits[box.prefix.count] < box.limit
                }.count == 1
            }
            #expect(inBoxes == Array(0..<classes))
        }
    }

    @Test(arguments: [
        ([2, 5], 10, true), ([2, 5], 11, false), ([2, 5], 1, true), ([2, 5], 0, false),
        ([2, 0], 1, false), ([-2, -5], 1, false), ([], 1, false),
        ([Int.max, 2], 5, false), ([1 << 31, 1 << 31], 7, true), ([1 << 32, 1 << 31], 7, false),
    ])
    func `sizes and classes must fit`(_ sizes: [Int], _ classes: Int, _ fits: Bool) {
        #expect((MixedRadix(sizes: sizes, classCount: classes) != nil) == fits)
    }
}
