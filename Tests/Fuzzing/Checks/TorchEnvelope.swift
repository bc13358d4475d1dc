/// Wraps a pickle as `torch.save` does: a ZIP archive of `data.pkl`, `version` and storages.
enum TorchEnvelope {
    /// The archive; all its members are stored, with their right checksums. Archives of one pickle
    /// differ in what lies around the members, which nobody should read.
    static func archives(of pickle: [UInt8]) -> [[UInt8]] {
        storages.map { storages in
            var archive = storages
            archive.add("a/data.pkl", pickle)
            return archive.finished()
        }
    }

    /// Bytes of each storage `0`, `1` and so on: even ones, an odd one, an empty one.
    private static let storageByteCounts = [64, 64, 24, 7, 0]

    /// All but the pickle, made once, as it takes longer than most inputs do.
    private static let storages = [UInt8(0x00), 0xff].map { filler in
        var archive = StoredArchive(filler: filler)
        archive.add("a/version", Array("3\n".utf8))
        for (key, byteCount) in storageByteCounts.enumerated() {
            // Bytes of all kinds; as numbers small, large, and not finite.
            let bytes = (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ key) }
            archive.add("a/data/\(key)", bytes)
        }
        return archive
    }
}

/// A ZIP archive of stored members in the making.
private struct StoredArchive {
    /// Fills a gap behind each member, as wide as two of the widest elements.
    private let filler: UInt8
    private var file: [UInt8] = []
    private var directory: [UInt8] = []
    private var memberCount: UInt16 = 0

    init(filler: UInt8) { self.filler = filler }

    mutating func add(_ name: String, _ data: [UInt8]) {
        let offset = UInt32(file.count)
        // Versions, flags, method, time and date are zero: nobody looks at them, or they say
        // "stored".
        let versionNeeded = [UInt8](repeating: 0, count: 2)
        var common = [UInt8](repeating: 0, count: 8)
        common += little(CyclicRedundancyCode.value(of: data))
        common += little(UInt32(data.count)) + little(UInt32(data.count))
        common += little(UInt16(name.utf8.count)) + little(UInt16(0))
        file += [0x50, 0x4b, 3, 4] + versionNeeded + common + Array(name.utf8) + data
        file += [UInt8](repeating: filler, count: 16)
        // Comment's length, disk, attributes.
        directory += [0x50, 0x4b, 1, 2, 0, 0] + versionNeeded + common
        directory += [UInt8](repeating: 0, count: 2 + 2 + 2 + 4) + little(offset) + name.utf8
        memberCount += 1
    }

    func finished() -> [UInt8] {
        file + directory + [0x50, 0x4b, 5, 6, 0, 0, 0, 0] + little(memberCount)
            + little(memberCount) + little(UInt32(directory.count)) + little(UInt32(file.count))
            + [0, 0]
    }

    private func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
        (0..<MemoryLayout<Value>.size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}

/// CRC-32 of ZIP archives, by a table.
private enum CyclicRedundancyCode {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { rest, _ in
            rest & 1 == 1 ? rest >> 1 ^ 0xedb8_8320 : rest >> 1
        }
    }

    static func value(of bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(UInt32.max) { rest, byte in
            table[Int(UInt8(truncatingIfNeeded: rest) ^ byte)] ^ rest >> 8
        }
    }
}
