/// The reason why a file could not be read.
package enum SmallFileError: Error, Equatable, Sendable, CustomStringConvertible {
    case unreadable(path: String, errno: Int32)
    case notRegular(path: String)
    case tooLong(path: String, limit: Int)

    package var description: String {
        switch self {
        case .unreadable(let path, let errno): "\(path): \(ErrorNumber.text(errno))"
        case .notRegular(let path): "\(path) is not a regular file"
        case .tooLong(let path, let limit): "\(path) is longer than \(limit) bytes"
        }
    }
}
