/// Writes a safetensors file piece by piece: first the list of its tensors, then their bytes.
///
/// The bytes go to a file beside the target, which takes the target's place when `finish` has
/// found everything written and on the disk; a target that exists stays whole until then, and for
/// good unless it may be replaced. The
/// file beside it is removed when the writer is dropped unfinished. Memory: the header, and the
/// piece that the caller holds.
package struct SafetensorsWriter: ~Copyable {
    /// The announced tensors in the order in which their bytes must come: wide elements first,
    /// then by the bytes of the name.
    package let tensors: [TensorDescription]
    private let path: String
    private let byteCounts: [Int]
    private var file: PartialFile
    /// Index in `tensors` of the next one that wants bytes, and how many of them have come.
    private var current = 0
    private var written = 0

    /// Announces all tensors and texts, and writes the header.
    ///
    /// Fails when the target's folder cannot be written to, when `path` is something other
    /// than a regular file (links are followed to find out, and replaced), and when the reader
    /// would refuse the header by its standard limits: a name twice, an overflowing size, too many
    /// bytes of names or metadata. The new file has the permissions of any new file. One that is
    /// there goes where `replaces` says so; else `finish` fails.
    package init(
        path: String, tensors: [TensorDescription], metadata: [String: String],
        replaces: Bool = true
    ) throws(SafetensorsWriteError) {
        let plan = try SafetensorsPlan(
            tensors, metadata: metadata, path: path, limits: .standard)
        var file = try PartialFile(for: path, replaces: replaces)
        try file.append(plan.preamble.span)
        self.path = path
        self.tensors = plan.tensors
        byteCounts = plan.byteCounts
        self.file = file
        skipFullTensors()
    }

    /// Appends the next bytes of the tensor called `name`: elements in C order, little-endian, cut
    /// at any byte. `name` must be the first of `tensors` that is not full; no bytes at all are
    /// accepted for any name. After a failed system call only failures follow.
    package mutating func append(
        _ bytes: Span<UInt8>, to name: String
    ) throws(SafetensorsWriteError) {
        guard !bytes.isEmpty else { return }
        guard current < tensors.count, tensors[current].name == name else {
            let expected = current < tensors.count ? tensors[current].name : nil
            throw .wrongTensor(path: path, tensor: name, expected: expected)
        }
        guard bytes.count <= byteCounts[current] - written else {
            throw .tooManyBytes(
                path: path, tensor: name, announced: byteCounts[current],
                found: written + bytes.count)
        }
        try file.append(bytes)
        written += bytes.count
        skipFullTensors()
    }

    /// The path at which the whole file can be read before `finish` puts it in its place. Fails as
    /// `finish` does.
    package func completePath() throws(SafetensorsWriteError) -> String {
        try checkComplete()
        try file.synchronize()
        return file.path
    }

    /// Puts the file in its place. Fails, and removes it, when bytes are missing or the system
    /// cannot bring it to the disk.
    package consuming func finish() throws(SafetensorsWriteError) {
        try checkComplete()
        try file.commit()
    }

    private func checkComplete() throws(SafetensorsWriteError) {
        guard current == tensors.count else {
            throw file.failure
                ?? .tooFewBytes(
                    path: path, tensor: tensors[current].name, announced: byteCounts[current],
                    found: written)
        }
    }

    private mutating func skipFullTensors() {
        while current < tensors.count, written == byteCounts[current] {
            current += 1
            written = 0
        }
    }
}
