extension UnreadTensor {
    /// The tensor of `entry`, whose type is not read. Its bytes must be as many as type and shape
    /// make; nothing tells that of a type that the format does not know either.
    init(_ entry: SafetensorsHeader.Entry, path: String) throws(CheckpointError) {
        let type = entry.typeName
        let reason: String
        if let bitCount = Self.bitCounts[type] {
            try entry.check(bitCount: bitCount, path: path)
            reason = "elements of this type are not read"
        } else {
            reason = "the type is not known, so that its size was not checked"
        }
        self.init(name: entry.name, shape: entry.shape, type: type, reason: reason)
    }

    /// Bits of an element of the types that the format has and that are not read.
    private static let bitCounts = [
        "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8,
        "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8, "C64": 64,
    ]
}

extension SafetensorsHeader.Entry {
    fileprivate func check(bitCount: Int, path: String) throws(CheckpointError) {
        let declared: Int
        do throws(TensorDefect) {
            let count = try TensorLayout.elementCount(of: shape)
            let (bits, overflows) = count.multipliedReportingOverflow(by: bitCount)
            guard !overflows else { throw .sizeOverflow }
            declared = bits
        } catch {
            throw .tensor(path: path, name: name, defect: error)
        }
        guard declared.isMultiple(of: 8) else {
            throw .safetensors(
                path: path, tensor: name, defect: .partialByte(bitCount: declared))
        }
        try check(byteCount: declared / 8, path: path)
    }

    /// Throws when the offsets are not `byteCount` bytes apart.
    func check(byteCount: Int, path: String) throws(CheckpointError) {
        guard byteCount == end - begin else {
            let defect = SafetensorsDefect.lengthMismatch(declared: byteCount, found: end - begin)
            throw .safetensors(path: path, tensor: name, defect: defect)
        }
    }
}
