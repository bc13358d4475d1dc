/// The types a tensor's elements are stored as.
package enum ElementType: String, Sendable, CaseIterable {
    case float64
    case float32
    case float16
    case bfloat16
    case int64
    case int32
    case int16
    case int8
    case uint64
    case uint32
    case uint16
    case uint8
    case bool

    /// Bytes of one element.
    package var byteCount: Int {
        switch self {
        case .float64, .int64, .uint64: 8
        case .float32, .int32, .uint32: 4
        case .float16, .bfloat16, .int16, .uint16: 2
        case .int8, .uint8, .bool: 1
        }
    }

    /// The number an element's bits, in the low end of `bits`, stand for. Exact but for 64-bit
    /// integers beyond 2^53.
    func double(_ bits: UInt64) -> Double {
        switch self {
        case .float64: Double(bitPattern: bits)
        case .float32: Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
        case .float16: Double(HalfPrecision.float(UInt16(truncatingIfNeeded: bits)))
        case .bfloat16: Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits) << 16))
        case .uint64: Double(bits)
        default: Double(integer(bits) ?? 0)
        }
    }

    /// The integer an element's bits stand for; nil for floating types and for what is too large.
    func integer(_ bits: UInt64) -> Int64? {
        switch self {
        case .int64: Int64(bitPattern: bits)
        case .int32: Int64(Int32(truncatingIfNeeded: bits))
        case .int16: Int64(Int16(truncatingIfNeeded: bits))
        case .int8: Int64(Int8(truncatingIfNeeded: bits))
        case .uint64: Int64(exactly: bits)
        case .uint32: Int64(UInt32(truncatingIfNeeded: bits))
        case .uint16: Int64(UInt16(truncatingIfNeeded: bits))
        case .uint8: Int64(UInt8(truncatingIfNeeded: bits))
        case .bool: UInt8(truncatingIfNeeded: bits) == 0 ? 0 : 1
        case .float64, .float32, .float16, .bfloat16: nil
        }
    }
}

/// IEEE 754 binary16.
enum HalfPrecision {
    /// The float of the same value; every half has one.
    static func float(_ half: UInt16) -> Float {
        let sign = UInt32(half & 0x8000) << 16
        let exponent = UInt32(half >> 10 & 0x1F)
        let fraction = UInt32(half & 0x3FF)
        switch exponent {
        case 0x1F: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
        case 0:
            let magnitude = Float(fraction) * 0x1p-24
            return sign == 0 ? magnitude : -magnitude
        default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
        }
    }
}
