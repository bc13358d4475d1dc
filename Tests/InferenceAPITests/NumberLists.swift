import CNumberText
import Testing

/// A way to read lists of numbers: by what every processor has, by AVX2 at most, or by all that
/// this one has.
enum NumberReading: CaseIterable {
    case portable, wide, fastest

    /// Reads floats from a place of a text on.
    func floats(_ text: [UInt8], from offset: Int, room: Int) -> ListReading<Float> {
        unsafe ListReading(room: room, filler: -7) { floats in
            unsafe text.withUnsafeBufferPointer { text in
                guard let base = text.baseAddress else { return cnt_reading() }
                let read = unsafe self == .portable ? cnt_read_floats_portably : cnt_read_floats
                return unsafe read(base, text.count, offset, floats, room)
            }
        }
    }

    /// Reads unsigned integers below a bound.
    func indices(
        _ text: [UInt8], from offset: Int, room: Int, bound: UInt32
    ) -> ListReading<UInt32> {
        unsafe ListReading(room: room, filler: .max) { indices in
            unsafe text.withUnsafeBufferPointer { text in
                guard let base = text.baseAddress else { return cnt_reading() }
                return unsafe indexReading(base, text.count, offset, indices, room, bound)
            }
        }
    }

    private var indexReading:
        (
            UnsafePointer<UInt8>, Int, Int, UnsafeMutablePointer<UInt32>?, Int, UInt32
        ) -> cnt_reading
    {
        switch self {
        case .portable: unsafe cnt_read_indices_portably
        case .wide: unsafe cnt_read_indices_widely
        case .fastest: unsafe cnt_read_indices
        }
    }
}

/// The elements of a list, up to the end of the reading.
struct ListReading<Element: BitwiseCopyable & Equatable> {
    let elements: [Element]
    let offset: Int
    let end: cnt_end
    /// Whether what lies behind the room is as it was.
    let keepsRoom: Bool

    init(
        room: Int, filler: Element, _ read: (UnsafeMutablePointer<Element>) -> cnt_reading
    ) {
        var memory = [Element](repeating: filler, count: room + 8)
        let reading = unsafe memory.withUnsafeMutableBufferPointer { memory in
            guard let base = memory.baseAddress else { return cnt_reading() }
            return unsafe read(base)
        }
        elements = Array(memory[..<reading.count])
        (offset, end) = (reading.offset, reading.end)
        keepsRoom = memory[room...].allSatisfy { $0 == filler }
    }
}

extension ListReading<Float> {
    var bits: [UInt32] { elements.map(\.bitPattern) }
}

/// The text of a list's elements, behind enough bytes that they may be read many at a time.
struct ListText {
    let bytes: [UInt8]
    let start: Int

    init(_ elements: [String], separator: String = ",", before: Int = 40) {
        let text = elements.joined(separator: separator) + "]"
        start = before
        bytes = [UInt8](repeating: UInt8(ascii: " "), count: before) + text.utf8
    }
}

/// The float that a number stands for: that of its nearest double.
func nearestFloat(_ text: String) -> Float { Float(Double(text) ?? .nan) }
