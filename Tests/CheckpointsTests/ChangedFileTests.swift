import Foundation
import Testing

@testable import Checkpoints

/// Files that are changed in place while they are mapped: reading goes on, and fails.
@Suite struct ChangedFileTests {
    /// Several pages, of which a file that is shortened to half still has some.
    private static let count = 16384

    /// A change to the file at a path.
    struct Change: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let make: @Sendable (String) -> Int32
    }

    private static let losses = [
        Change(testDescription: "all bytes") { unsafe truncate($0, 0) },
        Change(testDescription: "the last page") { unsafe truncate($0, count * 4 - 4000) },
        Change(testDescription: "the last byte") { path in
            let size = (try? Data(contentsOf: URL(fileURLWithPath: path)).count) ?? 0
            return unsafe truncate(path, size - 1)
        },
    ]

    private static let writes = [
        Change(testDescription: "written to since") { path in
            // Its time may be that of the same tick of the system's clock otherwise.
            var times = [timespec(tv_sec: 1, tv_nsec: 0), timespec(tv_sec: 1, tv_nsec: 1)]
            return unsafe utimensat(AT_FDCWD, path, &times, 0)
        }
    ]

    private func withArray(_ body: (_ path: String, _ values: [Float]) throws -> Void) throws {
        try withFolder { folder in
            let path = folder + "/a.npy"
            let values = (0..<Self.count).map { Float($0) }
            let bytes = ArrayWriter(shape: "(\(Self.count),)", data: floatBytes(values)).bytes
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            try body(path, values)
        }
    }

    @Test(arguments: losses + writes)
    func `what is read afterwards fails`(_ change: Change) throws {
        try withArray { path, values in
            let checkpoint = try Checkpoint.open(path)
            let tensor = try #require(checkpoint[""])
            #expect(try tensor.floats() == values)
            #expect(change.make(path) == 0)
            let error = CheckpointError.changedWhileRead(path: path)
            #expect(throws: error) { try tensor.floats() }
            #expect(throws: error) { try tensor.doubles() }
            #expect(throws: error) { try checkpoint.digest() }
            #expect(error.description.contains("\(path): changed while it was read"))
        }
    }

    @Test func `a file that is replaced by renaming is read as it was`() throws {
        try withArray { path, values in
            let tensor = try #require(try Checkpoint.open(path)[""])
            try Data([0]).write(to: URL(fileURLWithPath: path + "-next"))
            let status = unsafe rename(path + "-next", path)
            #expect(status == 0)
            #expect(try tensor.floats() == values)
        }
    }

    /// Growing is no loss, and rows that are read as they are asked for stay what they were.
    @Test func `only lost bytes make served rows wrong`() throws {
        try withFolder { folder in
            let path = folder + "/a.npy"
            let values = (0..<Self.count).map { Float($0) }
            let bytes = ArrayWriter(shape: "(\(Self.count / 4), 4)", data: floatBytes(values)).bytes
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            let rows = try #require(try Checkpoint.open(path)[""]).rows()
            var times = [timespec(tv_sec: 1, tv_nsec: 0), timespec(tv_sec: 1, tv_nsec: 0)]
            let touched = unsafe utimensat(AT_FDCWD, path, &times, 0)
            #expect(touched == 0 && !rows.hasLostBytes)
            let longer = unsafe truncate(path, bytes.count + 1)
            #expect(longer == 0 && !rows.hasLostBytes)
            let cut = unsafe truncate(path, 4096)
            #expect(cut == 0 && rows.hasLostBytes)
            let last = rows.withRows(rows.rowCount - 1..<rows.rowCount) { span in
                span.indices.map { span[$0] }
            }
            #expect(last == [0, 0, 0, 0])
            // As long as before; the bytes are gone.
            let grown = unsafe truncate(path, bytes.count)
            #expect(grown == 0 && rows.hasLostBytes)
        }
    }

    /// Each mapping knows its own loss, also when one that has ended was guarded before it.
    @Test func `losses are those of one file`() throws {
        try withFolder { folder in
            let paths = (0..<20).map { "\(folder)/\($0)" }
            for path in paths {
                try Data(repeating: 7, count: Self.count).write(to: URL(fileURLWithPath: path))
            }
            for _ in 0..<3 {
                let files = try paths.map { try MappedFile(path: $0) }
                for index in stride(from: 0, to: paths.count, by: 2) {
                    let cut = unsafe truncate(paths[index], 0)
                    #expect(cut == 0)
                }
                for (index, file) in files.enumerated() {
                    let sum = file.withSpan { span in
                        span.indices.reduce(0) { $0 + Int(span[$1]) }
                    }
                    #expect(sum == (index.isMultiple(of: 2) ? 0 : 7 * Self.count))
                    #expect(file.hasLostBytes == index.isMultiple(of: 2))
                }
                for index in stride(from: 0, to: paths.count, by: 2) {
                    try Data(repeating: 7, count: Self.count).write(
                        to: URL(fileURLWithPath: paths[index]))
                }
            }
        }
    }

    /// A signal that somebody sends has nothing to do with mappings.
    @Test func `signals that are sent do what they did`() async {
        await #expect(processExitsWith: .signal(SIGBUS)) {
            _ = signal(SIGBUS, SIG_DFL)
            try withFolder { folder in
                let path = folder + "/guarded"
                try Data([1]).write(to: URL(fileURLWithPath: path))
                let guarded = try MappedFile(path: path)
                raise(SIGBUS)
                exit(guarded.byteCount == 1 ? EXIT_SUCCESS : EXIT_FAILURE)
            }
        }
    }

    /// The signal still does what it did, where a process reads beyond the end of a file of its
    /// own: here what the system does by itself, whatever a sanitizer or Swift would report.
    @Test func `losses elsewhere are not hidden`() async {
        await #expect(processExitsWith: .signal(SIGBUS)) {
            _ = signal(SIGBUS, SIG_DFL)
            try withFolder { folder in
                let path = folder + "/guarded"
                try Data([1]).write(to: URL(fileURLWithPath: path))
                let guarded = try MappedFile(path: path)
                let descriptor = unsafe open(path, O_RDWR)
                let memory = unsafe mmap(nil, 8192, PROT_READ, MAP_PRIVATE, descriptor, 0)
                let byte = unsafe memory?.load(fromByteOffset: 4096, as: UInt8.self)
                exit(byte == 0 && guarded.byteCount == 1 ? EXIT_SUCCESS : EXIT_FAILURE)
            }
        }
    }
}
