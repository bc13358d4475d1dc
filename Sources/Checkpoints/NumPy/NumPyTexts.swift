internal import NumPyFormat

/// Arrays of texts as NumPy stores them: UTF-32 of one width, `<U8`, filled up with NULs.
enum NumPyTexts {
    /// The array in `contents` as one of code points, whose last dimension is the width of the
    /// texts. nil where its elements are no texts or its bytes are not those that its shape takes.
    static func codePoints(
        _ header: NumPyHeader, name: String, in contents: MemberContents, from start: Int
    ) -> Tensor? {
        guard let (width, isBigEndian) = width(of: header.descriptor),
            let (layout, byteCount) = try? TensorLayout.dense(
                .uint32, header.shape + [width], from: start, isBigEndian: isBigEndian),
            !header.isFortranOrder || header.shape.count < 2,
            byteCount == contents.byteCount - start
        else { return nil }
        return Tensor(name: name, layout: layout, contents: contents)
    }

    private static func width(of descriptor: String) -> (Int, isBigEndian: Bool)? {
        guard let order = descriptor.first, "<>".contains(order),
            descriptor.dropFirst().first == "U", let width = Int(descriptor.dropFirst(2)), width > 0
        else { return nil }
        return (width, order == ">")
    }
}

extension Tensor {
    /// The texts in C order that an array of their code points holds. Refuses numbers that are no
    /// code points. Cost O(n).
    func texts() throws(CheckpointError) -> [String] {
        let width = shape[shape.count - 1]
        var scalars: [Unicode.Scalar] = []
        scalars.reserveCapacity(elementCount)
        for value in try integers() {
            guard let scalar = UInt32(exactly: value).flatMap(Unicode.Scalar.init) else {
                throw .tensor(path: contents.path, name: name, defect: .notText(value))
            }
            scalars.append(scalar)
        }
        return stride(from: 0, to: scalars.count, by: width).map { start in
            let text = scalars[start..<start + width]
            let end = text.lastIndex { $0 != "\0" }.map { $0 + 1 } ?? start
            return String(String.UnicodeScalarView(text[..<end]))
        }
    }
}
