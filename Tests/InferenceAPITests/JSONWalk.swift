@testable import InferenceAPI

/// Reads any JSON whose objects have these keys.
let walkedKeys = [
    "a", "b", "instances", "model", "parameters", "indices", "values", "seed", "top_k",
    "\u{1F600}", "caf\u{e9}",
]

extension JSONReader {
    /// Takes the next value, whatever it is.
    mutating func walk() throws(RequestError) {
        switch byte {
        case UInt8(ascii: "["):
            _ = try array { _, reader throws(RequestError) in try reader.walk() }
        case UInt8(ascii: "{"):
            _ = try object(keys: walkedKeys) { _, reader throws(RequestError) in
                try reader.walk()
            }
        case UInt8(ascii: "\""): _ = try string(maxBytes: .max - 4)
        default:
            // A number that no double holds is refused.
            if try double() == nil { _ = try kind() }
        }
    }
}

/// The error of a whole text; nil if it is JSON.
func walkFailure(_ body: any BodySource) -> RequestError? {
    do throws(RequestError) {
        var reader = JSONReader(body)
        reader.skipSpace()
        try reader.walk()
        try reader.end()
        return nil
    } catch {
        return error
    }
}

func walkFailure(_ text: String) -> RequestError? { walkFailure(WholeBody(Array(text.utf8))) }
