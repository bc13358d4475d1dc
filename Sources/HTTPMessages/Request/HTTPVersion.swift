/// The protocol versions that are spoken.
package enum HTTPVersion: Sendable, Equatable {
    case http10
    case http11
}
