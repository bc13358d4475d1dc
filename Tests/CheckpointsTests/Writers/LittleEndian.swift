/// The bytes of an integer as files have them.
func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    (0..<MemoryLayout<Value>.size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}

func big<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] { little(value).reversed() }

/// Little-endian float32.
func floatBytes(_ values: [Float]) -> [UInt8] { values.flatMap { little($0.bitPattern) } }

/// CRC-32 bit by bit, by the polynomial of its definition.
func referenceCRC32(_ bytes: [UInt8]) -> UInt32 {
    var crc: UInt32 = 0xffff_ffff
    for byte in bytes {
        crc ^= UInt32(byte)
        for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
    }
    return ~crc
}

/// FNV-1a of the golden files, over whole values.
struct GoldenHash {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325
    mutating func add(_ bits: UInt64) { value = (value ^ bits) &* 0x100_0000_01b3 }
    mutating func add(_ floats: [Float]) { for float in floats { add(UInt64(float.bitPattern)) } }
}
