internal import ByteText

/// Parses request bodies: with simdjson as they are, or, when it refuses one, with a scanner that
/// finds out why.
///
/// The one difference to simdjson is integers of more than 64 bits, which JSON allows: they are
/// read as doubles, like the same number written with an exponent.
///
/// A byte order mark before the text is no part of it (RFC 8259 §8.1).
final class JSONDocumentReader {
    private let parser: JSONParser
    private let maxBytes: Int

    /// Writing an integer of at least 19 bytes as a double takes two bytes more.
    private static let growthDivisor = 8
    private static let smallestCapacity = 1 << 10

    init(maxBytes: Int) {
        self.maxBytes = max(0, maxBytes)
        let (sum, overflow) = self.maxBytes.addingReportingOverflow(
            self.maxBytes / Self.growthDivisor + Self.smallestCapacity)
        parser = JSONParser(capacity: overflow ? .max : sum)
    }

    /// Calls `body` with the document's root, which is dead when this returns.
    func read<Result>(
        _ text: Span<UInt8>, _ body: (JSONValue) throws(RequestError) -> Result
    ) throws(RequestError) -> Result {
        if text.count > maxBytes {
            throw .bodyTooLarge(bytes: text.count, limit: maxBytes)
        }
        defer { parser.finish(documentBytes: text.count) }
        return try body(parse(text))
    }

    private func parse(_ text: Span<UInt8>) throws(RequestError) -> JSONValue {
        let start = ByteOrderMark.length(in: text)
        let document = text.extracting(start...)
        // simdjson would leave out a second mark, too, which is not JSON.
        if ByteOrderMark.length(in: document) > 0 { return try parseRefused(text, from: start) }
        do {
            return try parser.parse(document)
        } catch {
            switch error {
            case .tooLong: throw .bodyTooLarge(bytes: text.count, limit: maxBytes)
            case .outOfMemory: throw .outOfMemory
            case .refused: return try parseRefused(text, from: start)
            }
        }
    }

    /// The error path, unless wide integers were all that simdjson minded.
    private func parseRefused(
        _ body: Span<UInt8>, from start: Int
    ) throws(RequestError) -> JSONValue {
        if let content = BodyContent(of: body), content != .json {
            throw .otherContent(content, expected: .json)
        }
        let text = unsafe body.withUnsafeBufferPointer { unsafe Array($0) }
        var scanner = JSONScanner(text, from: start, maxDepth: JSONParser.maxDepth)
        do {
            try scanner.scan()
        } catch {
            throw Self.malformed(text, error)
        }
        if let pointer = scanner.infinite { throw .notFinite(.body(pointer)) }
        let rewritten = Self.writingAsDoubles(scanner.wideIntegers, in: text, from: start)
        do {
            return try parser.parse(rewritten.span)
        } catch {
            if error == .outOfMemory { throw .outOfMemory }
            let nowhere = JSONFault(offset: 0, expected: .acceptableText, pointer: JSONPointer())
            throw Self.malformed(text, nowhere)
        }
    }

    private static func malformed(_ text: [UInt8], _ fault: JSONFault) -> RequestError {
        .malformedJSON(
            at: TextPosition(offset: fault.offset, in: text), expected: fault.expected,
            pointer: fault.pointer)
    }

    /// The text from `start` on with `e0` behind each of the integers, which makes simdjson read
    /// doubles.
    private static func writingAsDoubles(
        _ integers: [Range<Int>], in text: [UInt8], from start: Int
    ) -> [UInt8] {
        var rewritten: [UInt8] = []
        rewritten.reserveCapacity(text.count + 2 * integers.count)
        var end = start
        for integer in integers {
            rewritten += text[end..<integer.upperBound]
            rewritten += "e0".utf8
            end = integer.upperBound
        }
        return rewritten + text[end...]
    }
}
