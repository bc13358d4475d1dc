/// Reads a safetensors file: the length of the header, the header, then the elements of all
/// tensors, little-endian and in C order, one after the other without gaps.
///
/// The rules are those of the format's description and of its reference reader, where that is
/// laxer the description's: a header is UTF-8 JSON that begins with `{` and is padded by spaces,
/// keys are unique, the tensors cover the data exactly. Tensors may stand in any order in the
/// header. A size of zero makes an empty tensor whatever the other sizes are.
///
/// Tensors of types that are not read are listed as unread. Their bytes are checked as others',
/// with one exception: where the format does not know the type either, nothing tells how many
/// bytes the shape makes.
enum SafetensorsFile {
    /// Tensors in the order of their data, and the metadata. Reads the header only; the tensors
    /// are views of `file`.
    static func contents(
        _ file: ByteView, path: String, limits: ReadLimits
    ) throws(CheckpointError) -> CheckpointContents {
        var cursor = ByteCursor(file, path: path, part: SafetensorsHeader.part)
        let byteCount = Int(clamping: try cursor.integer(UInt64.self))
        try ReadLimit.safetensorsHeaderByteCount.check(
            byteCount, atMost: limits.safetensorsHeaderByteCount, path: path, part: cursor.part)
        let header = try SafetensorsHeader(try cursor.take(byteCount), path: path, limits: limits)
        let data = try cursor.take(cursor.remaining)
        let member = MemberContents(data, path: path, name: "")
        var contents = CheckpointContents(metadata: header.metadata)
        for entry in try entriesInOrder(header, path: path, dataByteCount: data.count) {
            if let type = ElementType(safetensorsName: entry.typeName) {
                let layout = try layout(entry, type, path: path)
                contents.tensors.append(
                    Tensor(name: entry.name, layout: layout, contents: member))
            } else {
                contents.unread.append(try UnreadTensor(entry, path: path))
            }
        }
        return contents
    }

    /// The entries in the order of their data, which they cover without gap or overlap.
    private static func entriesInOrder(
        _ header: SafetensorsHeader, path: String, dataByteCount: Int
    ) throws(CheckpointError) -> [SafetensorsHeader.Entry] {
        // Stable, so that empty tensors at one place keep their order.
        let entries = header.entries.enumerated().sorted { left, right in
            (left.element.begin, left.element.end, left.offset)
                < (right.element.begin, right.element.end, right.offset)
        }.map(\.element)
        var end = 0
        for entry in entries {
            guard entry.begin == end else {
                let defect: SafetensorsDefect =
                    entry.begin > end
                    ? .gap(begin: entry.begin, expected: end)
                    : .overlap(begin: entry.begin, expected: end)
                throw .safetensors(path: path, tensor: entry.name, defect: defect)
            }
            guard entry.end <= dataByteCount else {
                throw .truncated(
                    path: path, part: "tensor \"\(entry.name)\"", offset: entry.begin,
                    needed: entry.end - entry.begin, available: dataByteCount - entry.begin)
            }
            end = entry.end
        }
        guard end == dataByteCount else {
            let defect = SafetensorsDefect.uncoveredData(described: end, found: dataByteCount)
            throw .safetensors(path: path, tensor: nil, defect: defect)
        }
        return entries
    }

    private static func layout(
        _ entry: SafetensorsHeader.Entry, _ type: ElementType, path: String
    ) throws(CheckpointError) -> TensorLayout {
        let layout: TensorLayout
        let declared: Int
        do throws(TensorDefect) {
            (layout, declared) = try TensorLayout.dense(
                type, entry.shape, from: entry.begin)
        } catch {
            throw .tensor(path: path, name: entry.name, defect: error)
        }
        try entry.check(byteCount: declared, path: path)
        return layout
    }
}
