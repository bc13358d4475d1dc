/// What the owner of a connection makes of a request when its head is complete: before any of its
/// body is kept, `100 Continue` is said or a coding is taken off.
package enum HeadVerdict: Sendable {
    /// The request is dispatched when its body is there.
    case take
    /// The same, but a body of more than these bytes is refused with the error, or where there is
    /// none with a 413: for requests whose body nobody reads. A client that waits for
    /// `100 Continue` gets the error at once.
    case takeUpTo(Int, otherwise: (any Error)?)
    /// The request is refused at once. One with a body is the connection's last: what follows is
    /// discarded, since keeping the place of the next request is not worth reading it.
    case refuse(any Error)

    /// Decides from a request without its body. It is called once for each request, by whoever
    /// calls the connection, and has to be quick.
    package typealias Judge = @Sendable (HTTPRequestMessage) -> HeadVerdict
}
