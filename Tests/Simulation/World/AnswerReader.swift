/// Cuts the bytes a client reads into answers; bodies have a length, interim answers are skipped.
struct AnswerReader {
    struct Answer {
        let status: Int
        let isLast: Bool
        /// The numbers of the body.
        let numbers: [UInt64]
    }

    private var bytes: [UInt8] = []

    /// Whether half an answer is there.
    var isInside: Bool { !bytes.isEmpty }

    mutating func append(_ more: ArraySlice<UInt8>) { bytes += more }

    mutating func next() -> Answer? {
        while let head = headLength() {
            let lines = String(decoding: bytes[..<head], as: UTF8.self).split(separator: "\r\n")
            let status = lines.first.flatMap { Int($0.dropFirst(9).prefix(3)) } ?? 0
            if status == 100 {
                bytes.removeFirst(head)
                continue
            }
            let length =
                lines.first { $0.hasPrefix("Content-Length: ") }
                .flatMap { Int($0.dropFirst(16)) } ?? 0
            guard bytes.count >= head + length else { return nil }
            let body = String(decoding: bytes[head..<head + length], as: UTF8.self)
            bytes.removeFirst(head + length)
            return Answer(
                status: status, isLast: lines.contains("Connection: close"),
                numbers: body.split(separator: " ").compactMap { UInt64($0) })
        }
        return nil
    }

    /// Bytes up to and with the empty line.
    private func headLength() -> Int? {
        guard bytes.count >= 4 else { return nil }
        for end in 4...bytes.count where bytes[end - 1] == 10 {
            if bytes[end - 4] == 13, bytes[end - 3] == 10, bytes[end - 2] == 13 { return end }
        }
        return nil
    }
}
