import HTTPMessages

/// Decodes the input as gzip and as deflate, and encodes and decodes it as a body.
enum CodingProbe {
    private static let limit = 4096

    static func check(_ input: [UInt8]) throws(BrokenPromise) {
        let stream = FragmentedBytes(input)
        for coding in [ContentCoding.gzip, .deflate] {
            let whole = outcome(coding, stream.whole)
            guard outcome(coding, stream.single) == whole,
                outcome(coding, stream.chosen) == whole
            else { throw .fragmentationMatters }
            guard case .success(let body) = whole else { continue }
            guard body.count <= limit else {
                throw .limitPassed(what: "decoded bytes", value: body.count, maximum: limit)
            }
            try checkRoundTrip(body)
        }
        try checkRoundTrip(Array(input.prefix(limit)))
    }

    private static func outcome(
        _ coding: ContentCoding, _ fragments: [[UInt8]]
    ) -> Result<[UInt8], ContentCodingError> {
        do throws(ContentCodingError) {
            var inflater = try ContentInflater(coding, limit: limit)
            var output: [UInt8] = []
            for fragment in fragments {
                var offset = 0
                while offset < fragment.count {
                    try inflater.read(fragment.span, from: &offset, into: &output)
                }
            }
            try inflater.checkEnd()
            return .success(output)
        } catch {
            return .failure(error)
        }
    }

    private static func checkRoundTrip(_ body: [UInt8]) throws(BrokenPromise) {
        guard let encoder = GzipEncoder(), let coded = encoder.encode(body),
            encoder.encode(body) == coded,
            outcome(.gzip, [coded]) == .success(body)
        else { throw .codingLosesBytes }
        // Halves in members of their own, with an empty one between them.
        let middle = body.count / 2
        let parts = [Array(body[..<middle]), [], Array(body[middle...])]
        let members = parts.compactMap(encoder.encode).joined()
        guard outcome(.gzip, [Array(members)]) == .success(body) else { throw .codingLosesBytes }
    }
}
