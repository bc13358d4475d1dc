internal import Glibc

/// A file that grows beside its target under a name of its own and takes the target's place only
/// when it is whole. Dropped before that, it is removed.
struct PartialFile: ~Copyable {
    private let target: String
    private let replaces: Bool
    /// Its name until it takes the target's place.
    let path: String
    private let descriptor: CInt
    private var isPending = true
    /// The first failure; bytes are missing since then, so nothing more is accepted.
    private(set) var failure: SafetensorsWriteError?

    /// Creates an empty file in the folder of `target`, with the permissions of any new file. If
    /// something stands at `target`, it must be a regular file; it goes where `replaces` says so,
    /// else `commit` fails.
    init(for target: String, replaces: Bool) throws(SafetensorsWriteError) {
        try Self.checkReplaceable(target)
        let folder = target.lastIndex(of: "/").map { target[...$0] } ?? ""
        let number = String(UInt64.random(in: 0...(.max)), radix: 16)
        let path = "\(folder).headserve-\(number).partial"
        // Exclusive: neither a file nor a link that was put there is followed.
        let descriptor = try Self.retrying(.create, target) {
            unsafe Int(open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666))
        }
        self.target = target
        self.replaces = replaces
        self.path = path
        self.descriptor = CInt(descriptor)
    }

    deinit {
        close(descriptor)
        if isPending { unsafe unlink(path) }
    }

    /// Appends all of `bytes`.
    mutating func append(_ bytes: Span<UInt8>) throws(SafetensorsWriteError) {
        if let failure { throw failure }
        do throws(SafetensorsWriteError) {
            try Self.write(bytes, to: descriptor, path: target)
        } catch {
            failure = error
            throw error
        }
    }

    /// Brings the bytes to the disk.
    func synchronize() throws(SafetensorsWriteError) {
        let descriptor = descriptor
        _ = try Self.retrying(.synchronize, target) { Int(fsync(descriptor)) }
    }

    /// Brings the bytes to the disk, then puts the file in its target's place in one step. The
    /// caller has seen every `append` succeed.
    consuming func commit() throws(SafetensorsWriteError) {
        try synchronize()
        let (path, target) = (path, target)
        // Linked, it has two names, and the first one goes as that of a dropped file does.
        if !replaces, try Self.linkOnce(path, target) { return }
        _ = try Self.retrying(.rename, target) { unsafe Int(rename(path, target)) }
        isPending = false
    }

    /// Gives the file its second name in one step, which fails where that is taken by now. False
    /// where nothing has the name, but the file system knows no second names.
    private static func linkOnce(
        _ path: String, _ target: String
    ) throws(SafetensorsWriteError) -> Bool {
        do throws(SafetensorsWriteError) {
            _ = try retrying(.rename, target) { unsafe Int(link(path, target)) }
            return true
        } catch {
            guard case .failed(_, _, let number) = error,
                [EPERM, EOPNOTSUPP, ENOSYS, EMLINK].contains(number)
            else { throw error }
            guard unsafe access(target, F_OK) != 0 else {
                throw .failed(path: target, operation: .rename, errno: EEXIST)
            }
            return false
        }
    }

    /// Writes all of `bytes` in as many calls as the system needs. `path` names the file in errors.
    static func write(
        _ bytes: Span<UInt8>, to descriptor: CInt, path: String
    ) throws(SafetensorsWriteError) {
        var offset = 0
        while offset < bytes.count {
            let rest = bytes.extracting(offset...)
            let written = try retrying(.write, path) {
                unsafe rest.withUnsafeBytes { buffer in
                    unsafe Glibc.write(descriptor, buffer.baseAddress, buffer.count)
                }
            }
            // No file answers a write of some bytes like this; an endless loop would be worse.
            guard written > 0 else { throw .failed(path: path, operation: .write, errno: EIO) }
            offset += written
        }
    }

    /// A device or a pipe would be replaced by a file, a folder cannot be.
    private static func checkReplaceable(_ path: String) throws(SafetensorsWriteError) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
            guard errno == ENOENT else {
                throw .failed(path: path, operation: .status, errno: errno)
            }
            return
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notRegularFile(path: path) }
    }

    /// The call's result once no signal interrupts it; a negative one is an error.
    private static func retrying(
        _ operation: WriteOperation, _ path: String, _ call: () -> Int
    ) throws(SafetensorsWriteError) -> Int {
        while true {
            let result = call()
            if result >= 0 { return result }
            let number = errno
            guard number == EINTR else {
                throw .failed(path: path, operation: operation, errno: number)
            }
        }
    }
}
