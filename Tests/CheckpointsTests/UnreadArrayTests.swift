import Checkpoints
import Foundation
import NumPyFormat
import Testing

/// Arrays of types that nobody reads, and members that are no arrays, in `.npz` files.
@Suite struct UnreadArrayTests {
    typealias Member = ZipWriter.Member

    private static let vector = ArrayWriter(shape: "(2,)", data: floatBytes([3, 4]))

    private func member(_ name: String, _ writer: ArrayWriter = vector) -> Member {
        Member(name + ".npy", writer.bytes)
    }

    private func read(_ members: [Member]) throws -> Checkpoint {
        try Checkpoint.read(ZipWriter(members).bytes, name: "z")
    }

    @Test(arguments: [
        ("'<U5'", "strings", 20), ("'|S3'", "strings", 3), ("'<M8[ns]'", "dates", 8),
        ("'>m8[D]'", "dates", 8), ("'<c8'", "complex64", 8), ("'<c16'", "complex128", 16),
        ("'|V7'", "bytes", 7), ("'<f16'", "<f16", 16), ("'|O'", "objects", 31),
    ])
    func `arrays of other types are listed`(descriptor: String, type: String, width: Int) throws {
        var odd = ArrayWriter(descriptor: descriptor, shape: "(2, 1)")
        odd.data = [UInt8](repeating: 1, count: 2 * width)
        for deflated in [false, true] {
            var odd = member("odd", odd)
            odd.method = deflated ? 8 : 0
            let checkpoint = try read([member("w"), odd, member("z")])
            #expect(checkpoint.format == .npz)
            #expect(checkpoint.tensors.map(\.name) == ["w", "z"])
            #expect(try checkpoint["w"]?.floats() == [3, 4])
            let found = try #require(checkpoint.unreadTensor(named: "odd"))
            #expect(checkpoint.unread == [found])
            #expect(found.type == type)
            #expect(found.shape == [2, 1])
            let refusal = checkpoint.refusal(of: found).description
            #expect(refusal.hasPrefix("z: tensor \"odd\": is \(type), which cannot be read: "))
        }
    }

    @Test func `records are listed without their shape`() throws {
        for descriptor in ["[('a', '<f4'), ('b', '|S2')]", "('<f4', (2,))"] {
            let records = ArrayWriter(descriptor: descriptor, shape: "(3,)", data: [1, 2])
            let checkpoint = try read([member("r", records), member("w")])
            #expect(
                checkpoint.unread == [
                    UnreadTensor(
                        name: "r", shape: nil, type: "records", reason: "its elements are records")
                ])
        }
    }

    @Test func `an archive may hold nothing that is read`() throws {
        let checkpoint = try read([member("s", ArrayWriter(descriptor: "'<U1'", data: [1]))])
        #expect(checkpoint.tensors.isEmpty)
        #expect(checkpoint.unread.map(\.name) == ["s"])
    }

    @Test func `a lone array of another type is refused`() {
        let error = CheckpointError.array(path: "a", member: "", defect: .unsupportedType("<U1"))
        #expect(throws: error) {
            try Checkpoint.read(ArrayWriter(descriptor: "'<U1'", data: [1]).bytes, name: "a")
        }
    }

    /// Damage is no matter of types.
    @Test func `damaged arrays are errors`() throws {
        for writer in [
            ArrayWriter(shape: "(3,)", data: floatBytes([1])), ArrayWriter(header: "{'descr': 1}"),
            ArrayWriter(version: (9, 0)), ArrayWriter(descriptor: "'<U1'", header: "{}"),
        ] {
            #expect(throws: CheckpointError.self) { try read([member("a"), member("b", writer)]) }
        }
        #expect(throws: CheckpointError.self) { try read([member("a"), Member("b.npy", [1])]) }
    }

    @Test func `members that file managers add are passed over`() throws {
        // AppleDouble: its magic number and version 2.
        let apple: [UInt8] = [0, 5, 0x16, 7, 0, 2, 0, 0] + [UInt8](repeating: 0, count: 40)
        let added = [
            "__MACOSX/head/._kernel.npy", "__MACOSX/", "__MACOSX/a.npy", "head/",
            "head/._kernel.npy",
            "._bias.npy", ".DS_Store", "head/.DS_Store", "._x",
        ].map { Member($0, $0.hasSuffix("/") ? [] : apple) }
        let checkpoint = try read([member("head/kernel")] + added + [member("bias")])
        #expect(checkpoint.tensors.map(\.name) == ["head/kernel", "bias"])
        #expect(checkpoint.unread.isEmpty)
        let error = CheckpointError.unsupportedFormat(path: "z", recognized: .otherArchive)
        #expect(throws: error) { try read(added) }
        // Names that only look like those.
        let similar = ["_.npy", "a._b.npy", "x/__MACOSX/a.npy", ".npy", "MACOSX/a.npy"]
        let names = similar.map { String($0.dropLast(4)) }
        #expect(
            try read(similar.map { Member($0, Self.vector.bytes) }).tensors.map(\.name) == names)
    }

    @Test func `other members are listed as no arrays`() throws {
        let checkpoint = try read([
            Member("labels.txt", [1]), member("w"), Member("w", [1]), Member("A.NPY", [2]),
        ])
        #expect(checkpoint.tensors.map(\.name) == ["w"])
        #expect(checkpoint.unread.map(\.name) == ["labels.txt", "A.NPY"])
        #expect(checkpoint.unread.map(\.type) == ["no array", "no array"])
    }

    @Test func `unread arrays count as tensors`() throws {
        let strings = ArrayWriter(descriptor: "'<U1'", data: [1])
        let members = [member("w"), member("s", strings), Member("t", [1])]
        for (maximum, isEnough) in [(2, false), (3, true), (4, true)] {
            var limits = ReadLimits.standard
            limits.tensorCount = maximum
            let checkpoint = try? Checkpoint.read(
                ZipWriter(members).bytes, name: "z", limits: limits)
            #expect((checkpoint != nil) == isEnough)
        }
    }

    @Test func `arrays that are asked for must be read`() throws {
        let members = [member("w"), member("s", ArrayWriter(descriptor: "'<U1'", data: [1]))]
        try withFolder { folder in
            let path = folder + "/e.npz"
            try Data(ZipWriter(members).bytes).write(to: URL(fileURLWithPath: path))
            let found = try Checkpoint.arrays(["w"], of: path)
            #expect(found.arrays.keys.sorted() == ["w"])
            #expect(found.others == ["s"])
            #expect {
                try Checkpoint.arrays(["w", "s"], of: path)
            } throws: { error in
                guard case .tensor(path, "s", .unread) = error as? CheckpointError else {
                    return false
                }
                return true
            }
        }
    }
}
