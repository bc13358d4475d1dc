import Glibc

/// The system's texts for errno values.
enum ErrorNumber {
    static func text(_ errno: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 128)
        // The buffer is passed with its size; the text is NUL-terminated within it.
        let result = unsafe buffer.withUnsafeMutableBufferPointer {
            guard let start = $0.baseAddress else { return ERANGE }
            return unsafe strerror_r(errno, start, $0.count)
        }
        guard result == 0 else { return "unknown error" }
        return String(terminated: buffer)
    }
}

extension String {
    /// The text that C code has written into a buffer, up to its first NUL.
    init(terminated buffer: [CChar]) {
        self.init(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
