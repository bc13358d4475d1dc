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
            #expect(throws: CheckpointError.notRegularFile(path: folder)) {
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

    @Test(
        arguments: [
            ([0x80, 2, 0x2e], .barePickle), ([0x80], .barePickle),
            ([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a], .hdf5), ([0x1f, 0x8b, 8, 0], .gzip),
            ([3, 0, 0, 0, 0, 0, 0, 0, 0x7a, 0x7d], .unknown), ([0x50], .unknown),
        ] as [([UInt8], RecognizedFormat)])
    func `other formats are named`(bytes: [UInt8], format: RecognizedFormat) {
        let error = CheckpointError.unsupportedFormat(path: "f", recognized: format)
        #expect(throws: error) { try Checkpoint.read(bytes, name: "f") }
        #expect(error.description.contains(format.rawValue))
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
}
