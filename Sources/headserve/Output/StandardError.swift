internal import Foundation

/// Error messages of commands, on standard error.
enum StandardError {
    static func write(_ text: String) {
        FileHandle.standardError.write(Data("Error: \(text.printable)\n".utf8))
    }
}
