internal import Foundation

/// Where commands say why they failed.
enum StandardError {
    static func write(_ text: String) {
        FileHandle.standardError.write(Data("Error: \(text.printable)\n".utf8))
    }
}
