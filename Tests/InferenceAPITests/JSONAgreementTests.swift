import Fixtures
import Testing

@testable import InferenceAPI

/// Two readers must agree on what JSON is: simdjson, and the scanner that explains its refusals.
@Suite struct JSONAgreementTests {
    static let documents = [
        #"{"instances": [[0.5, -1, 2e2], {"indices": [3, 17], "values": [0.5, 1.0]}]}"#,
        #"{"model": "caf\u00e9 \ud83d\ude00 é", "parameters": {"seed": 18446744073709551615}}"#,
        #"[true, false, null, "", {}, [], "\"\\\/\b\f\n\r\t", 1e-7, -0, 0.0, 12345678901]"#,
    ]
    static let fragments: [[UInt8]] =
        [
            "[", "]", "{", "}", ",", ":", "\"", "\\", "\\u", "\\ud800", "\\udc00", "0", "-", ".",
            "e", "E+", "1", "e9", "true", "nul", " ", "\n", "\t", "\u{1}", "é", "99999999999999999",
        ].map { Array($0.utf8) } + [[0x80], [0xC3], [0xED, 0xA0, 0x80], [0xFF], [0]]

    private func mutated(_ document: String, _ random: inout SeededRandom) -> [UInt8] {
        var bytes = Array(document.utf8)
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let start = Int.random(in: 0...bytes.count, using: &random)
            let end = min(bytes.count, start + Int.random(in: 0...3, using: &random))
            let isInsertion = Bool.random(using: &random)
            let fragment = isInsertion ? Self.fragments.randomElement(using: &random) ?? [] : []
            bytes.replaceSubrange(start..<end, with: fragment)
        }
        return bytes
    }

    private func parserTakes(_ parser: JSONParser, _ bytes: [UInt8]) -> Bool {
        (try? parser.parse(bytes.span)) != nil
    }

    @Test func `mutated documents are judged alike`() {
        let parser = JSONParser(capacity: 1 << 16)
        var random = SeededRandom(seed: 11)
        var taken = 0
        var refused = 0
        for step in 0..<60_000 {
            let bytes = mutated(Self.documents[step % Self.documents.count], &random)
            var scanner = JSONScanner(bytes, maxDepth: JSONParser.maxDepth)
            let isValid = (try? scanner.scan()) != nil
            let isRepresentable = scanner.infinite == nil && scanner.wideIntegers.isEmpty
            if parserTakes(parser, bytes) != (isValid && isRepresentable) {
                Issue.record("judged differently: \(String(decoding: bytes, as: UTF8.self))")
            }
            if isValid { taken += 1 } else { refused += 1 }
        }
        // Both sides of the question must have been asked.
        #expect(taken > 1_000 && refused > 1_000)
    }

    @Test(arguments: [63, 64, 65])
    func `the depth limit is the same`(depth: Int) {
        for (open, close) in [("[", "]"), (#"{"a":"#, "}")] {
            let text =
                String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
            let bytes = Array(text.utf8)
            var scanner = JSONScanner(bytes, maxDepth: JSONParser.maxDepth)
            #expect(parserTakes(JSONParser(capacity: 1 << 16), bytes) == (depth <= 64))
            #expect(((try? scanner.scan()) != nil) == (depth <= 64))
        }
    }

    /// Every body either decodes into a request that keeps its promises or ends in an error; none
    /// ends the process.
    @Test func `mutated requests end in a request or an error`() {
        let decoder = PredictRequestDecoder(limits: RequestLimits(maxRows: 3))
        var random = SeededRandom(seed: 12)
        let documents = [
            #"{"instances": [[1,2,3],[4,5,6]], "parameters": {"seed": [1,2], "top_k": 1}}"#,
            #"{"instances": [{"indices": [0,2], "values": [1,2]}], "model": "m"}"#,
            #"{"parameters": {"outputs": ["probabilities"], "tolerance": 0.1, "samples": 9}}"#,
        ]
        var requests = 0
        for step in 0..<60_000 {
            let bytes = mutated(documents[step % documents.count], &random)
            guard
                let request = try? decoder.decode(
                    bytes.span, RequestTarget(), inputWidth: { _ in 3 })
            else {
                continue
            }
            requests += 1
            #expect(request.features.count == request.instanceCount * 3)
            #expect((1...3).contains(request.instanceCount))
            #expect(request.features.allSatisfy { $0.isFinite })
            #expect([1, request.instanceCount].contains(request.parameters.seeds.count))
        }
        #expect(requests > 1_000)
    }
}
