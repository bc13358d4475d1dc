/// A form in which errors are written.
package struct ErrorForm: Sendable {
    /// The answer that carries a problem.
    package let encode: @Sendable (Problem) -> EncodedAnswer

    /// RFC 9457.
    package static let problemJSON = ErrorForm { problem in
        EncodedAnswer(
            status: problem.status, reason: problem.title, contentType: Problem.contentType,
            bytes: problem.bytes)
    }
}
