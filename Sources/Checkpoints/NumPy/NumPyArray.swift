internal import NumPyFormat

/// Reads one NumPy array (`.npy`, format 1.0, 2.0 or 3.0) out of a file or member.
enum NumPyArray {
    /// Adds the array in `member` to the tensors of `contents`, or, where nobody reads its type, to
    /// those that are unread; texts can be asked for all the same. Fails and costs as `tensor`.
    static func add(
        _ member: MemberContents, name: String, limits: ReadLimits,
        to contents: inout CheckpointContents
    ) throws(CheckpointError) {
        do throws(CheckpointError) {
            contents.tensors.append(try tensor(name: name, in: member, limits: limits))
        } catch {
            guard case .array(_, _, let defect) = error, let type = defect.unreadType else {
                throw error
            }
            let found = try? header(in: member, limits: limits)
            contents.unread.append(
                UnreadTensor(
                    name: name, shape: found?.header.shape, type: type, reason: defect.description))
            if let (header, start) = found,
                let texts = NumPyTexts.codePoints(header, name: name, in: member, from: start)
            {
                contents.texts.append(texts)
            }
        }
    }

    /// The array in `contents` as a tensor. Reads the header only; the data must be exactly as
    /// long as type and shape require. Objects and records are refused.
    static func tensor(
        name: String, in contents: MemberContents, limits: ReadLimits
    ) throws(CheckpointError) -> Tensor {
        let (header, start) = try header(in: contents, limits: limits)
        let element: NumPyElement
        do throws(ArrayDefect) {
            element = try NumPyElement(descriptor: header.descriptor)
        } catch {
            throw .array(path: contents.path, member: contents.name, defect: error)
        }
        let layout = try layout(header, element, in: contents, from: start, name: name)
        return Tensor(name: name, layout: layout, contents: contents)
    }

    /// The header, and the place where the data begin.
    private static func header(
        in contents: MemberContents, limits: ReadLimits
    ) throws(CheckpointError) -> (header: NumPyHeader, start: Int) {
        let part = contents.name.isEmpty ? "array header" : "member \(contents.name)"
        let beginning = try contents.beginning(
            atMost: NumPyPreamble.maxBytes + limits.arrayHeaderByteCount)
        var cursor = ByteCursor(beginning, path: contents.path, part: part)
        let text = try headerText(&cursor, limits: limits, member: contents.name)
        let header: NumPyHeader
        do throws(ArrayDefect) {
            header = try NumPyHeader(text.bytes)
        } catch {
            throw .array(path: contents.path, member: contents.name, defect: error)
        }
        try ReadLimit.dimensionCount.check(
            header.shape.count, atMost: limits.dimensionCount, path: contents.path, part: part)
        return (header, cursor.offset)
    }

    private static func headerText(
        _ cursor: inout ByteCursor, limits: ReadLimits, member: String
    ) throws(CheckpointError) -> ByteView {
        let preamble: NumPyPreamble
        do throws(ArrayDefect) {
            preamble = try cursor.view.withSpan { (bytes) throws(ArrayDefect) in
                try NumPyPreamble(bytes)
            }
        } catch {
            throw .array(path: cursor.path, member: member, defect: error)
        }
        try ReadLimit.arrayHeaderByteCount.check(
            preamble.headerByteCount, atMost: limits.arrayHeaderByteCount, path: cursor.path,
            part: cursor.part)
        try cursor.skip(preamble.byteCount)
        return try cursor.take(preamble.headerByteCount)
    }

    private static func layout(
        _ header: NumPyHeader, _ element: NumPyElement, in contents: MemberContents,
        from start: Int, name: String
    ) throws(CheckpointError) -> TensorLayout {
        let layout: TensorLayout
        let byteCount: Int
        do throws(TensorDefect) {
            (layout, byteCount) = try TensorLayout.dense(
                element.type, header.shape, from: start, isFortranOrder: header.isFortranOrder,
                isBigEndian: element.isBigEndian)
        } catch {
            throw .tensor(path: contents.path, name: name, defect: error)
        }
        let found = contents.byteCount - start
        guard byteCount == found else {
            let defect = ArrayDefect.lengthMismatch(declared: byteCount, found: found)
            throw .array(path: contents.path, member: contents.name, defect: defect)
        }
        return layout
    }
}

/// The element type that a NumPy descriptor such as `<f4` names.
struct NumPyElement {
    let type: ElementType
    let isBigEndian: Bool

    init(descriptor: String) throws(ArrayDefect) {
        let order = descriptor.first
        let kind = descriptor.dropFirst()
        guard let order, "<>|".contains(order) else {
            throw .unsupportedType(descriptor)
        }
        if kind.first == "O" { throw .objects }
        // bfloat16 is not one of NumPy's own types: two bytes of "void" hold it.
        if kind == "V2", order != ">" {
            (type, isBigEndian) = (.bfloat16, false)
            return
        }
        guard let type = Self.types[String(kind)], type.byteCount == 1 || order != "|" else {
            throw .unsupportedType(descriptor)
        }
        self.type = type
        isBigEndian = order == ">"
    }

    private static let types: [String: ElementType] = [
        "f8": .float64, "f4": .float32, "f2": .float16,
        "i8": .int64, "i4": .int32, "i2": .int16, "i1": .int8,
        "u8": .uint64, "u4": .uint32, "u2": .uint16, "u1": .uint8,
        "b1": .bool,
    ]
}
