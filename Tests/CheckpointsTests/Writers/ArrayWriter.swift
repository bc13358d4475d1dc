/// Writes `.npy` files by NumPy's format description.
struct ArrayWriter {
    var descriptor = "'<f4'"
    var fortranOrder = "False"
    var shape = "()"
    var version: (UInt8, UInt8) = (1, 0)
    var data: [UInt8] = []
    /// Replaces the whole dictionary text.
    var header: String?
    /// Replaces the length in front of the header.
    var headerByteCount: Int?

    var bytes: [UInt8] {
        let text =
            header
            ?? "{'descr': \(descriptor), 'fortran_order': \(fortranOrder), 'shape': \(shape), }"
        var padded = Array(text.utf8)
        let prefix = version.0 == 1 ? 10 : 12
        while (prefix + padded.count + 1) % 64 != 0 { padded.append(0x20) }
        padded.append(0x0a)
        let count = headerByteCount ?? padded.count
        let length = version.0 == 1 ? little(UInt16(count)) : little(UInt32(count))
        return [0x93] + Array("NUMPY".utf8) + [version.0, version.1] + length + padded + data
    }
}
