import Checkpoints
import Foundation
import NumPyFormat
import Testing

/// ZIP archives of arrays, right ones and wrong ones.
@Suite struct ZipArchiveTests {
    typealias Member = ZipWriter.Member

    private static let vector = ArrayWriter(shape: "(3,)", data: floatBytes([1, 2, 3])).bytes

    private func member(_ name: String = "a", _ change: (inout Member) -> Void = { _ in }) -> Member
    {
        var member = Member(name + ".npy", Self.vector)
        change(&member)
        return member
    }

    private func read(_ writer: ZipWriter) throws -> Checkpoint {
        try Checkpoint.read(writer.bytes, name: "z")
    }

    private func expect(
        _ defect: ArchiveDefect, member: String = "a.npy", _ writer: ZipWriter,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let error = CheckpointError.archive(path: "z", member: member, defect: defect)
        #expect(throws: error, sourceLocation: sourceLocation) {
            let checkpoint = try read(writer)
            for tensor in checkpoint.tensors { _ = try tensor.floats() }
        }
    }

    @Test func `stored and deflated members are read in file order`() throws {
        let members = [
            member("z"), member("a") { $0.method = 8 }, member("m/b") { $0.flags = 2048 },
        ]
        let checkpoint = try read(ZipWriter(members))
        #expect(checkpoint.format == .npz)
        #expect(checkpoint.tensors.map(\.name) == ["z", "a", "m/b"])
        for tensor in checkpoint.tensors { #expect(try tensor.floats() == [1, 2, 3]) }
        #expect(checkpoint["m/b"]?.name == "m/b")
        #expect(checkpoint["b"] == nil)
    }

    @Test func `a deflated member of many blocks is read`() throws {
        let values = (0..<50_000).map(Float.init)
        var large = Member("a.npy", ArrayWriter(shape: "(50000,)", data: floatBytes(values)).bytes)
        large.method = 8
        #expect(try read(ZipWriter([large]))["a"]?.floats() == values)
    }

    @Test func `what NumPy compressed is read`() throws {
        let data = try #require(
            Data(base64Encoded: WrittenFiles.compressedArrays, options: .ignoreUnknownCharacters))
        let checkpoint = try Checkpoint.read([UInt8](data), name: "z")
        #expect(checkpoint.tensors.map(\.name) == ["ramp", "fortran", "empty", "flag"])
        #expect(try checkpoint["ramp"]?.floats() == (0..<300).map(Float.init))
        #expect(checkpoint["ramp"]?.shape == [20, 15])
        #expect(try checkpoint["fortran"]?.integers() == [0, 1, 2, 3, 4, 5])
        #expect(checkpoint["empty"]?.shape == [0, 3])
        #expect(try checkpoint["flag"]?.integers() == [1])
    }

    @Test func `zip64 is read`() throws {
        var writer = ZipWriter([member("a") { $0.isZip64 = true }, member("b")])
        #expect(try read(writer)["a"]?.floats() == [1, 2, 3])
        writer.hasZip64End = true
        #expect(try read(writer).tensors.map(\.name) == ["a", "b"])
    }

    @Test func `a zip64 field that is needed must be there`() {
        let member = member {
            $0.isZip64 = true
            $0.omitsZip64Field = true
        }
        expect(.missingZip64Field, ZipWriter([member]))
    }

    /// The end record is found behind a comment of any length, even one that looks like a record.
    @Test func `comments are skipped`() throws {
        for comment in [[], Array("PK\u{5}\u{6}".utf8), [UInt8](repeating: 0x50, count: 65_535)] {
            var writer = ZipWriter([member()])
            writer.comment = comment
            #expect(try read(writer).tensors.count == 1)
        }
    }

    /// The search steps over bytes that the signature does not have, never over the signature.
    @Test func `comments of parts of the signature are skipped`() throws {
        var comments: [[UInt8]] = [[]]
        for _ in 0..<4 {
            comments = comments.flatMap { comment in
                [0x50, 0x4b, 5, 6, 0].map { comment + [$0] }
            }
        }
        for comment in comments {
            var writer = ZipWriter([member()])
            for count in 0...comment.count {
                writer.comment = Array(comment.prefix(count))
                #expect(try read(writer).tensors.count == 1)
            }
        }
    }

    @Test func `sizes may follow the data`() throws {
        let late = member {
            $0.flags = 8
            $0.localChecksum = 0
            $0.localByteCount = 0
            $0.localPackedByteCount = 0
        }
        #expect(try read(ZipWriter([late]))["a"]?.floats() == [1, 2, 3])
    }

    @Test func `other members are no arrays`() throws {
        let writer = ZipWriter([Member("read.me", [1]), member(), Member("folder/", [])])
        #expect(try read(writer).tensors.map(\.name) == ["a"])
        #expect(try read(writer).unread.map(\.name) == ["read.me"])
        #expect(throws: CheckpointError.unsupportedFormat(path: "z", recognized: .otherArchive)) {
            try read(ZipWriter([Member("read.me", [1])]))
        }
        #expect(throws: CheckpointError.unsupportedFormat(path: "z", recognized: .otherArchive)) {
            try read(ZipWriter([]))
        }
    }

    @Test func `checksums are held against the bytes`() {
        let right = referenceCRC32(Self.vector)
        let defect = ArchiveDefect.checksumMismatch(declared: right ^ 1, computed: right)
        expect(defect, ZipWriter([member { $0.checksum = right ^ 1 }]))
        let deflated = member {
            $0.checksum = right ^ 1
            $0.method = 8
        }
        expect(defect, ZipWriter([deflated]))
    }

    @Test func `local headers must agree`() {
        for (field, change): (ArchiveField, (inout Member) -> Void) in [
            (.name, { $0.localName = "b.npy" }), (.flags, { $0.localFlags = 2 }),
            (.method, { $0.localMethod = 8 }), (.checksum, { $0.localChecksum = 0 }),
            (.compressedSize, { $0.localPackedByteCount = 0 }),
            (.uncompressedSize, { $0.localByteCount = 1 }),
        ] {
            expect(.localHeaderDiffers(field), ZipWriter([member("a", change)]))
        }
    }

    @Test func `what is not read is refused`() {
        for flag: UInt16 in [1, 1 << 6, 1 << 13] {
            expect(.encrypted, ZipWriter([member { $0.flags = flag }]))
        }
        for flag: UInt16 in [1 << 4, 1 << 5, 1 << 15] {
            expect(.unsupportedFlags(flag), ZipWriter([member { $0.flags = flag }]))
        }
        for method: UInt16 in [1, 9, 12, 14, 93, 99] {
            expect(.unsupportedMethod(method), ZipWriter([member { $0.method = method }]))
        }
        expect(.spansDisks, ZipWriter([member { $0.disk = 1 }]))
        var writer = ZipWriter([member()])
        writer.diskNumber = 1
        expect(.spansDisks, member: "", writer)
    }

    @Test func `names are unique`() {
        expect(.duplicateName, ZipWriter([member(), member()]))
    }

    @Test func `members may not share bytes`() throws {
        expect(
            .overlaps(member: "a.npy"), member: "a.npy",
            ZipWriter([member(), member { $0.headerOffset = 0 }]))
        // The first member's length reaches into the second's header.
        let size = UInt64(Self.vector.count)
        let long = member {
            $0.declaredByteCount = size + 1
            $0.declaredPackedByteCount = size + 1
        }
        expect(.overlaps(member: "a.npy"), member: "b.npy", ZipWriter([long, member("b")]))
    }

    @Test func `members lie in front of the directory`() {
        let size = UInt64(Self.vector.count)
        for excess: UInt64 in [1, 1 << 20, UInt64(UInt32.max) - size - 1] {
            let long = member {
                $0.declaredByteCount = size + excess
                $0.declaredPackedByteCount = size + excess
            }
            expect(.outsideFile(offset: 35, byteCount: size + excess), ZipWriter([long]))
        }
        let wide = member {
            $0.isZip64 = true
            $0.headerOffset = .max
        }
        expect(.outsideFile(offset: .max, byteCount: size), ZipWriter([wide]))
    }

    @Test func `stored sizes must be equal`() {
        let size = Self.vector.count
        expect(
            .storedSizesDiffer(compressed: size, uncompressed: size - 1),
            ZipWriter([member { $0.declaredByteCount = UInt64(size - 1) }]))
    }

    /// The array's header tells its length, so a size declared too short is found at once.
    @Test func `deflated sizes must be right`() {
        let wrong = member {
            $0.method = 8
            $0.declaredByteCount = UInt64(Self.vector.count - 1)
        }
        let defect = ArrayDefect.lengthMismatch(declared: 12, found: 11)
        #expect(throws: CheckpointError.array(path: "z", member: "a.npy", defect: defect)) {
            try read(ZipWriter([wrong]))
        }
    }

    @Test func `streams must end where they are declared to`() {
        let size = Self.vector.count
        for (data, found) in [(Self.vector + [0], size + 1), (Self.vector.dropLast(), size - 1)] {
            let wrong = member {
                $0.method = 8
                $0.packed = Member.storedBlocks(data)
                $0.declaredByteCount = UInt64(size)
            }
            expect(.inflatedSizeMismatch(declared: size, found: found), ZipWriter([wrong]))
        }
    }

    @Test func `damaged deflate streams are refused`() {
        let whole = Member.storedBlocks(Self.vector)
        for (packed, defect): ([UInt8], ArchiveDefect) in [
            // Block type 3 does not exist (RFC 1951, 3.2.3); zlib answers Z_DATA_ERROR = -3.
            ([7] + whole.dropFirst(), .inflateFailed(status: -3)),
            (whole + [0], .inflateFailed(status: -3)),
            ([], .inflatedSizeMismatch(declared: Self.vector.count, found: 0)),
            (whole.dropLast(), .inflatedSizeMismatch(declared: 140, found: 139)),
        ] {
            let damaged = member {
                $0.method = 8
                $0.packed = packed
            }
            expect(defect, ZipWriter([damaged]))
        }
    }

    @Test func `end records must fit the directory`() {
        var writer = ZipWriter([member()])
        writer.declaredCount = 0
        expect(.memberCountMismatch(declared: 0, found: 0), member: "", writer)
        writer.declaredCount = 2
        expect(.memberCountMismatch(declared: 2, found: 1), member: "", writer)
        writer.declaredCount = nil
        writer.directoryOffset = 0
        let size = UInt64(writer.bytes.count)
        let directory = UInt64(46 + 5)
        expect(
            .misplacedDirectory(end: directory, expected: size - 22), member: "", writer)
        writer.directoryOffset = nil
        expect(.noEndRecord, member: "", tooLong(writer))
    }

    @Test func `zip64 end records must be where the locator says`() throws {
        var writer = ZipWriter([member()])
        writer.hasZip64End = true
        let position = UInt64(writer.bytes.count - 22 - 20 - 56)
        writer.zip64EndOffset = position
        #expect(try read(writer).tensors.count == 1)
        writer.zip64EndOffset = position - 1
        expect(.badSignature(.zip64EndRecord), member: "", writer)
        for offset in [position + 1, .max] {
            writer.zip64EndOffset = offset
            expect(.outsideFile(offset: offset, byteCount: 56), member: "", writer)
        }
        writer.zip64EndOffset = nil
        writer.declaredCount = 2
        expect(.memberCountMismatch(declared: 2, found: 1), member: "", writer)
    }

    /// A comment of 65,536 bytes cannot be declared.
    private func tooLong(_ writer: ZipWriter) -> ZipWriter {
        var writer = writer
        writer.comment = [UInt8](repeating: 0, count: 65_536)
        return writer
    }
}
