import Dispatch
import Foundation
import Synchronization
import Testing

@testable import Checkpoints

/// The writer and the file system: what is replaced, what is left behind, what fails and how.
@Suite struct SafetensorsFileSystemTests {
    private static let vector = TensorDescription(name: "w", elementType: .uint8, shape: [4])

    private func write(_ bytes: [UInt8], to path: String) throws {
        var writer = try SafetensorsWriter(path: path, tensors: [Self.vector], metadata: [:])
        try writer.append(bytes.span, to: "w")
        try writer.finish()
    }

    private func files(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    }

    private func integers(_ path: String) throws -> [Int64]? {
        try Checkpoint.open(path)["w"]?.integers()
    }

    @Test func `the target stays until all is written`() throws {
        try withFolder { folder in
            let path = folder + "/a"
            try write([1, 2, 3, 4], to: path)
            let mapped = try Checkpoint.open(path)
            var writer = try SafetensorsWriter(path: path, tensors: [Self.vector], metadata: [:])
            try writer.append([5, 6, 7, 8].span, to: "w")
            #expect(try integers(path) == [1, 2, 3, 4])
            #expect(try files(in: folder).count == 2)
            try writer.finish()
            #expect(try integers(path) == [5, 6, 7, 8])
            #expect(try mapped["w"]?.integers() == [1, 2, 3, 4])
            #expect(try files(in: folder) == ["a"])
        }
    }

    @Test func `a dropped writer leaves nothing`() throws {
        try withFolder { folder in
            try write([1, 2, 3, 4], to: folder + "/a")
            func drop() throws {
                var writer = try SafetensorsWriter(
                    path: folder + "/a", tensors: [Self.vector], metadata: [:])
                try writer.append([5].span, to: "w")
            }
            try drop()
            #expect(try files(in: folder) == ["a"])
            #expect(try integers(folder + "/a") == [1, 2, 3, 4])
        }
    }

    /// A file is as readable as any new one.
    @Test func `permissions are those of new files`() throws {
        try withFolder { folder in
            try write([1, 2, 3, 4], to: folder + "/a")
            try Data().write(to: URL(fileURLWithPath: folder + "/b"))
            let modes = try ["a", "b"].map { name in
                let attributes = try FileManager.default.attributesOfItem(
                    atPath: folder + "/" + name)
                return try #require(attributes[.posixPermissions] as? Int)
            }
            #expect(modes[0] == modes[1])
        }
    }

    @Test func `only regular files are replaced`() throws {
        try withFolder { folder in
            let pipe = folder + "/pipe"
            let status = unsafe mkfifo(pipe, 0o600)
            #expect(status == 0)
            // Through a link, so that no device is lost should this fail.
            let link = folder + "/link"
            try FileManager.default.createSymbolicLink(
                atPath: link, withDestinationPath: "/dev/full")
            for path in [folder, pipe, link] {
                #expect(throws: SafetensorsWriteError.notRegularFile(path: path)) {
                    try write([1, 2, 3, 4], to: path)
                }
            }
            #expect(try files(in: folder) == ["link", "pipe"])
        }
    }

    /// Also one that came while the writer was at work.
    @Test func `what may not be replaced stays`() throws {
        try withFolder { folder in
            let path = folder + "/a"
            var writer = try SafetensorsWriter(
                path: path, tensors: [Self.vector], metadata: [:], replaces: false)
            try writer.append([5, 6, 7, 8].span, to: "w")
            try write([1, 2, 3, 4], to: path)
            #expect(
                errorOfFinishing(writer) == .failed(path: path, operation: .rename, errno: EEXIST))
            #expect(try integers(path) == [1, 2, 3, 4])
            #expect(try files(in: folder) == ["a"])
        }
    }

    @Test func `the whole file can be read before it is in its place`() throws {
        try withFolder { folder in
            let path = folder + "/a"
            var writer = try SafetensorsWriter(
                path: path, tensors: [Self.vector], metadata: [:], replaces: false)
            #expect(throws: SafetensorsWriteError.self) { try writer.completePath() }
            try writer.append([5, 6, 7, 8].span, to: "w")
            #expect(try integers(try writer.completePath()) == [5, 6, 7, 8])
            #expect(!FileManager.default.fileExists(atPath: path))
            try writer.finish()
            #expect(try integers(path) == [5, 6, 7, 8])
            #expect(try files(in: folder) == ["a"])
        }
    }

    @Test func `a link is replaced not followed`() throws {
        try withFolder { folder in
            try write([1, 2, 3, 4], to: folder + "/a")
            try FileManager.default.createSymbolicLink(
                atPath: folder + "/link", withDestinationPath: folder + "/a")
            try write([5, 6, 7, 8], to: folder + "/link")
            #expect(try integers(folder + "/a") == [1, 2, 3, 4])
            #expect(try integers(folder + "/link") == [5, 6, 7, 8])
        }
    }

    @Test func `folders that are none tell the reason`() throws {
        try withFolder { folder in
            try write([1, 2, 3, 4], to: folder + "/a")
            for (path, operation, errno): (String, WriteOperation, Int32) in [
                (folder + "/none/b", .create, ENOENT), (folder + "/a/b", .status, ENOTDIR),
                (folder + "/" + String(repeating: "n", count: 300), .status, ENAMETOOLONG),
            ] {
                let error = SafetensorsWriteError.failed(
                    path: path, operation: operation, errno: errno)
                #expect(throws: error) { try write([1, 2, 3, 4], to: path) }
                #expect(error.description.hasPrefix(path + ": cannot "))
            }
        }
    }

    /// The folder goes while the file grows: the last step fails, and is not taken for done.
    @Test func `a folder that vanishes is an error`() throws {
        try withFolder { outer in
            let folder = outer + "/inner"
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: false)
            let path = folder + "/a"
            var writer = try SafetensorsWriter(path: path, tensors: [Self.vector], metadata: [:])
            try writer.append([1, 2, 3, 4].span, to: "w")
            try FileManager.default.removeItem(atPath: folder)
            #expect(
                errorOfFinishing(writer)
                    == .failed(path: path, operation: .rename, errno: ENOENT))
        }
    }

    @Test func `a full disk is an error`() throws {
        let descriptor = unsafe open("/dev/full", O_WRONLY | O_CLOEXEC)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        let error = SafetensorsWriteError.failed(path: "f", operation: .write, errno: ENOSPC)
        #expect(throws: error) {
            try PartialFile.write([1, 2, 3].span, to: descriptor, path: "f")
        }
        #expect(error.description == "f: cannot write the file: No space left on device")
    }

    /// The system takes bytes up to the largest size that a file may have and refuses the rest: a
    /// partial write, then an error that stays, and nothing left behind. The limit holds for a
    /// whole process, hence one of its own.
    @Test func `a file that may not grow is an error`() async {
        await #expect(processExitsWith: .success) {
            try withFolder { folder in
                let path = folder + "/a"
                signal(SIGXFSZ, SIG_IGN)
                var limit = rlimit(rlim_cur: 1000, rlim_max: 1000)
                let status = unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
                #expect(status == 0)
                let tensor = TensorDescription(name: "w", elementType: .uint8, shape: [2000])
                var writer = try SafetensorsWriter(path: path, tensors: [tensor], metadata: [:])
                let error = SafetensorsWriteError.failed(
                    path: path, operation: .write, errno: EFBIG)
                let bytes = [UInt8](repeating: 1, count: 2000)
                for _ in 0..<2 {
                    #expect(throws: error) { try writer.append(bytes.span, to: "w") }
                }
                func sizes() throws -> [Int] {
                    try FileManager.default.contentsOfDirectory(atPath: folder).map { name in
                        let attributes = try FileManager.default.attributesOfItem(
                            atPath: folder + "/" + name)
                        return try #require(attributes[.size] as? Int)
                    }
                }
                #expect(try sizes() == [1000])
                #expect(errorOfFinishing(writer) == error)
                #expect(try sizes().isEmpty)
            }
        }
    }

    /// A reader that takes little at a time and signals the writer before: calls are cut short and
    /// interrupted, yet every byte arrives once.
    @Test func `interrupted writes go on`() async {
        await #expect(processExitsWith: .success) {
            var action = sigaction()
            // Without SA_RESTART, so that the system itself does not resume the call.
            unsafe action.__sigaction_handler.sa_handler = { _ in }
            let status = unsafe sigaction(SIGUSR1, &action, nil)
            try #require(status == 0)
            // The threads of Dispatch block signals.
            var signals = sigset_t()
            unsafe sigaddset(&signals, SIGUSR1)
            let maskStatus = unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
            try #require(maskStatus == 0)
            var ends: [CInt] = [-1, -1]
            let pipeStatus = unsafe pipe(&ends)
            try #require(pipeStatus == 0)
            let (input, output, writer) = (ends[0], ends[1], pthread_self())
            let received = Mutex<[UInt8]>([])
            let isDone = DispatchSemaphore(value: 0)
            Thread.detachNewThread {
                var chunk = [UInt8](repeating: 0, count: 4096)
                while true {
                    for _ in 0..<16 {
                        pthread_kill(writer, SIGUSR1)
                        sched_yield()
                    }
                    let count = unsafe read(input, &chunk, chunk.count)
                    guard count > 0 else { break }
                    received.withLock { $0 += chunk[..<count] }
                }
                isDone.signal()
            }
            let bytes = (0..<600_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
            try PartialFile.write(bytes.span, to: output, path: "p")
            close(output)
            isDone.wait()
            #expect(received.withLock { $0 == bytes })
        }
    }
}
