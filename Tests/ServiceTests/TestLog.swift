import Foundation
import Logs

/// A log that a test reads. Whatever writes to it has ended before it goes.
final class TestLog {
    let sink: LogSink
    private let pipe = Pipe()
    private var text = ""
    private var readCount = 0

    init() { sink = LogSink(descriptor: pipe.fileHandleForWriting.fileDescriptor) }

    /// The descriptor's number is another file's soon.
    deinit { sink.flush() }

    /// The members of each line since the last call whose names are given, in the line's order.
    func lines(_ names: Set<String>) -> [[String]] {
        readCount += 1
        let end = "end \(readCount)\n"
        sink.append(String(end.dropLast()))
        sink.flush()
        while !text.hasSuffix(end) {
            let bytes = pipe.fileHandleForReading.availableData
            if bytes.isEmpty { break }
            text += String(decoding: bytes, as: UTF8.self)
        }
        let lines = text.dropLast(end.utf8.count).split(separator: "\n").map { line in
            line.split(separator: " ").map(String.init)
                .filter { member in names.contains(String(member.prefix { $0 != "=" })) }
        }
        text = ""
        return lines
    }
}
