import HTTPMessages

/// Parses the input as the body of a chunked request and compares with a decoder that has the whole
/// of it and no limits.
enum ChunkProbe {
    private static let head = Array(
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)

    /// The result of parsing a body: itself and the bytes it took, or the reason for its refusal;
    /// neither when it has no end.
    private struct Outcome: Equatable {
        var body: [UInt8]?
        var taken = 0
        var error: HTTPParseError?
    }

    static func check(_ input: [UInt8]) throws(BrokenPromise) {
        let stream = FragmentedBytes(input)
        let whole = try outcome(stream.whole)
        guard try outcome(stream.single) == whole, try outcome(stream.chosen) == whole
        else { throw .fragmentationMatters }
        guard let body = whole.body else { return }
        guard body == naiveBody(stream.bytes[..<whole.taken]) else { throw .wrongBody }
    }

    private static func outcome(_ fragments: [[UInt8]]) throws(BrokenPromise) -> Outcome {
        var parser = RequestParser(limits: ConnectionProbe.limits)
        var outcome = Outcome()
        for fragment in [head] + fragments {
            var offset = 0
            do throws(HTTPParseError) {
                let message = try parser.parse(fragment.span, at: &offset)
                outcome.taken += offset
                if let message {
                    outcome.body = message.body
                    break
                }
            } catch {
                outcome.error = error
                outcome.taken = 0
                return outcome
            }
            guard parser.bodyBytes <= ConnectionProbe.limits.maxBodyBytes else {
                throw .limitPassed(
                    what: "body bytes", value: parser.bodyBytes,
                    maximum: ConnectionProbe.limits.maxBodyBytes)
            }
        }
        outcome.taken -= head.count
        return outcome
    }

    /// The data of chunks that are known to be well-formed, nil if they are not.
    private static func naiveBody(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
        var rest = bytes
        var body: [UInt8] = []
        while true {
            let line = rest.prefix { $0 != 10 }
            let digits = line.prefix { $0 != 13 && $0 != 32 && $0 != 9 && $0 != 59 }
            guard let size = Int(String(decoding: digits, as: UTF8.self), radix: 16) else {
                return nil
            }
            rest = rest.dropFirst(line.count + 1)
            if size == 0 { return rest.suffix(2).elementsEqual([13, 10]) ? body : nil }
            guard rest.count >= size + 2 else { return nil }
            body += rest.prefix(size)
            rest = rest.dropFirst(size + 2)
        }
    }
}
