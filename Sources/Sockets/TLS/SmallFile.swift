import Glibc

/// Reads whole files of bounded size that settings name: a certificate, a key, a list of keys.
package enum SmallFile {
    /// The bytes of a regular file of at most `limit` bytes. Links are followed, since mounted
    /// secrets are links; files that could block or never end are refused.
    package static func read(_ path: String, limit: Int) throws(SmallFileError) -> [UInt8] {
        let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK
        let file = FileDescriptor(
            owning: try call(path) { () throws(SocketError) in
                try SystemCall.retry32("open") { unsafe open(path, flags) }
            })
        let raw = file.raw
        var status = stat()
        _ = try call(path) { () throws(SocketError) in
            try SystemCall.retry32("fstat") { unsafe fstat(raw, &status) }
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notRegular(path: path) }
        // One byte more than allowed distinguishes a file that is too long, or grows, from one that
        // fits.
        var bytes = [UInt8](repeating: 0, count: limit + 1)
        var count = 0
        while count < bytes.count {
            let more = try call(path) { () throws(SocketError) in
                try SystemCall.retry("read") {
                    unsafe bytes.withUnsafeMutableBytes { buffer in
                        let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
                        return unsafe Glibc.read(raw, rest.baseAddress, rest.count)
                    }
                }
            }
            if more == 0 { return Array(bytes[..<count]) }
            count += more
        }
        throw .tooLong(path: path, limit: limit)
    }

    private static func call<Value>(
        _ path: String, _ body: () throws(SocketError) -> Value
    ) throws(SmallFileError) -> Value {
        do { return try body() } catch {
            guard case .system(_, let code) = error else { preconditionFailure("\(error)") }
            throw .unreadable(path: path, errno: code)
        }
    }
}
