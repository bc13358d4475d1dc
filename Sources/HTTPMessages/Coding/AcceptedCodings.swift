import HTTPTypes

/// The content codings that an answer may have, by a request's Accept-Encoding (RFC 9110 §12.5.3).
package struct AcceptedCodings: Sendable, Equatable {
    /// Whether gzip may be used, and the client does not rank the plain body higher.
    package private(set) var prefersGzip = false
    /// Whether the client has said that it does not accept the plain body.
    package private(set) var refusesIdentity = false

    /// Only the plain body, as without the header: clients that know no codings send none.
    package init() {}

    /// Reads the header. Members that violate the grammar are ignored; of several members with the
    /// same name the first counts.
    package init(of headers: HTTPHeaders) {
        var gzip: Int?
        var identity: Int?
        var rest: Int?
        for value in headers.rawValues(of: .acceptEncoding) {
            for member in value.split(separator: UInt8(ascii: ",")) {
                guard let (name, weight) = Self.member(member) else { continue }
                if name.equalsIgnoringCase("gzip") || name.equalsIgnoringCase("x-gzip") {
                    gzip = gzip ?? weight
                } else if name.equalsIgnoringCase("identity") {
                    identity = identity ?? weight
                } else if name.elementsEqual("*".utf8) {
                    rest = rest ?? weight
                }
            }
        }
        let gzipWeight = gzip ?? rest ?? 0
        // If not named, the plain body is acceptable, with no rank, unless `*;q=0` excludes it.
        prefersGzip = gzipWeight > 0 && gzipWeight >= (identity ?? 0)
        refusesIdentity = (identity ?? (rest == 0 ? 0 : 1)) == 0
    }

    /// `coding [ OWS ";" OWS "q=" qvalue ]`; the weight in thousandths.
    private static func member(
        _ text: ArraySlice<UInt8>
    ) -> (name: ArraySlice<UInt8>, weight: Int)? {
        let parts = text.split(
            separator: UInt8(ascii: ";"), maxSplits: 1, omittingEmptySubsequences: false)
        let name = parts[0].trimmingWhitespace()
        guard !name.isEmpty, name.allSatisfy(Grammar.token.contains) else { return nil }
        guard parts.count == 2 else { return (name, 1000) }
        let parameter = parts[1].trimmingWhitespace()
        guard parameter.prefix(2).equalsIgnoringCase("q="),
            let weight = weight(parameter.dropFirst(2))
        else { return nil }
        return (name, weight)
    }

    /// `( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] )` in thousandths.
    private static func weight(_ text: ArraySlice<UInt8>) -> Int? {
        guard let first = text.first, Grammar.isDigit(first), text.count <= 5 else { return nil }
        let rest = text.dropFirst()
        let digits = rest.dropFirst()
        guard rest.isEmpty || rest.first == UInt8(ascii: "."), digits.allSatisfy(Grammar.isDigit)
        else { return nil }
        let fraction = (0..<3).reduce(0) { sum, place in
            let digit = digits.dropFirst(place).first.map { Int($0 - UInt8(ascii: "0")) } ?? 0
            return sum * 10 + digit
        }
        let weight = Int(first - UInt8(ascii: "0")) * 1000 + fraction
        return weight <= 1000 ? weight : nil
    }
}
