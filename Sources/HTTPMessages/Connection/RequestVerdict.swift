/// The endpoint of a request, as the owner of the connection knows it: found once, at the end of
/// the request's head, and handed back with the request.
package protocol RequestRoute: AnyObject, Sendable {}

/// The owner's decision about a request when its head is complete: before any of its body is kept,
/// `100 Continue` is said or a coding is taken off.
package struct RequestVerdict: Sendable {
    package enum Decision: Sendable {
        /// The request is dispatched when its body is there.
        case take
        /// The same, but a body of more than these bytes is refused with the error, or where there
        /// is none with a 413: for requests whose body nobody reads. A client that waits for
        /// `100 Continue` gets the error at once.
        case takeUpTo(Int, otherwise: (any Error)?)
        /// The request is refused at once. One with a body is the connection's last: the input
        /// behind it is discarded, since finding the next request is not worth reading the body.
        case refuse(any Error)
    }

    package let decision: Decision
    /// Nil where the request leads to no endpoint.
    package let route: (any RequestRoute)?

    package init(_ decision: Decision, route: (any RequestRoute)? = nil) {
        self.decision = decision
        self.route = route
    }

    /// Decides about a request from its head. Called once for each request, on the thread that
    /// feeds the connection, so it has to be quick.
    package typealias Policy = @Sendable (RequestHead) -> RequestVerdict
}
