import Checkpoints
import Foundation
import Testing

/// Files as such: missing, empty, not regular, of other formats.
@Suite struct FileTests {
    private func write(_ bytes: [UInt8], to path: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    @Test func `a missing file tells the reason`() throws {
        try withFolder { folder in
            let path = folder + "/none"
            let error = CheckpointError.unreadable(path: path, operation: .open, errno: ENOENT)
            #expect(throws: error) { try Checkpoint.open(path) }
            #expect(error.description.contains("No such file or directory"))
            #expect(error.description.contains(path))
        }
    }

    @Test func `folders and pipes are refused without waiting`() throws {
        try withFolder { folder in
            #expect(throws: CheckpointError.folder(path: folder, recognized: .other)) {
                try Checkpoint.open(folder)
            }
            let pipe = folder + "/pipe"
            let status = unsafe mkfifo(pipe, 0o600)
            #expect(status == 0)
            #expect(throws: CheckpointError.notRegularFile(path: pipe)) {
                try Checkpoint.open(pipe)
            }
        }
    }

    @Test func `an empty file is refused`() throws {
        try withFolder { folder in
            let path = folder + "/empty"
            try write([], to: path)
            #expect(throws: CheckpointError.unsupportedFormat(path: path, recognized: .empty)) {
                try Checkpoint.open(path)
            }
        }
    }

    /// A tensor alone keeps the mapping, also of a file that is gone.
    @Test func `a tensor outlives its checkpoint and file`() throws {
        try withFolder { folder in
            let path = folder + "/a.npy"
            try write(ArrayWriter(shape: "(2,)", data: floatBytes([5, 6])).bytes, to: path)
            let tensor = try #require(try Checkpoint.open(path)[""])
            try FileManager.default.removeItem(atPath: path)
            #expect(try tensor.floats() == [5, 6])
        }
    }

    @Test func `errors name file member and numbers`() {
        let error = CheckpointError.archive(
            path: "model.npz", member: "w.npy",
            defect: .checksumMismatch(declared: 0x1a, computed: 0x2b))
        #expect(error.description == "model.npz: member w.npy: CRC-32 is 2b, not 1a")
        let limit = CheckpointError.limitExceeded(
            path: "m", part: "central directory", limit: .memberCount, value: 3, maximum: 2)
        #expect(
            limit.description
                == "m: central directory: archive members: 3 is above the limit of 2")
    }

    /// Every format's own way to end too early.
    @Test func `a file that is cut short is told to be fetched again`() throws {
        let advice = "; the file is cut short or damaged: copy or download it again"
        let whole = safetensorsBytes(
            "{\(safetensorsEntry("w", "F32", "[2]", "[0,8]"))}", data: floatBytes([1, 2]))
        let array = ArrayWriter(shape: "(2,)", data: floatBytes([1, 2])).bytes
        let archive = ZipWriter([.init("w.npy", array)]).bytes
        for (name, bytes) in [
            ("w.safetensors", whole.dropLast(3)), ("w.safetensors", whole.prefix(20)),
            ("w.npy", array.dropLast(3)), ("w.npz", archive.prefix(60)),
        ] {
            #expect(
                performing: {
                    try Checkpoint.read(Array(bytes), name: name)
                },
                throws: {
                    "\($0)".hasPrefix(name) && "\($0)".hasSuffix(advice)
                })
        }
        // Too many bytes are another matter.
        #expect(
            performing: {
                try Checkpoint.read(array + [0], name: "w.npy")
            }, throws: { !"\($0)".contains("cut short") })
    }
}
