import Fixtures
import Testing

@testable import InferenceAPI

/// The reader must agree with the grammar on what JSON is, and with itself however a text is cut.
@Suite struct JSONAgreementTests {
    static let documents = [
        #"{"instances": [[0.5, -1, 2e2], {"indices": [3, 17], "values": [0.5, 1.0]}]}"#,
        #"{"model": "caf\u00e9 \ud83d\ude00 é", "caf\u00e9": {"seed": 18446744073709551615}}"#,
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

    @Test func `mutated documents are judged as the grammar judges them`() {
        var random = SeededRandom(seed: 11)
        var (taken, refused) = (0, 0)
        for step in 0..<60_000 {
            let bytes = mutated(Self.documents[step % Self.documents.count], &random)
            let error = walkFailure(WholeBody(bytes))
            let cut = PiecewiseBody(bytes, sizes: [Int.random(in: 1...9, using: &random), 2, 5])
            #expect(walkFailure(cut) == error)
            switch error {
            case nil: taken += 1
            case .malformedJSON: refused += 1
            // Nothing is read behind an unknown key, or a number that is too large.
            default: continue
            }
            if JSONGrammar.accepts(bytes) != (error == nil) {
                Issue.record("judged differently: \(String(decoding: bytes, as: UTF8.self))")
            }
        }
        // Both sides of the question must have been asked.
        #expect(taken > 1_000 && refused > 1_000)
    }

    private static func isSame(
        _ one: Result<PredictRequest, RequestError>, _ other: Result<PredictRequest, RequestError>
    ) -> Bool {
        switch (one, other) {
        case (.success(let one), .success(let other)):
            one.model == other.model && one.rows == other.rows
                && one.parameters == other.parameters
        case (.failure(let one), .failure(let other)): one == other
        default: false
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
            let widths = InputWidths(largest: 3) { _ in 3 }
            let outcome = Result { () throws(RequestError) in
                try decoder.decode(WholeBody(bytes), RequestTarget(), widths)
            }
            let cut = Result { () throws(RequestError) in
                try decoder.decode(
                    PiecewiseBody(bytes, sizes: [1 + step % 7, 3]), RequestTarget(), widths)
            }
            #expect(Self.isSame(outcome, cut))
            guard let request = try? outcome.get() else { continue }
            requests += 1
            #expect(request.features.count == request.instanceCount * 3)
            #expect((1...3).contains(request.instanceCount))
            #expect(request.features.allSatisfy { $0.isFinite })
            #expect([1, request.instanceCount].contains(request.parameters.seeds.count))
        }
        #expect(requests > 1_000)
    }
}
