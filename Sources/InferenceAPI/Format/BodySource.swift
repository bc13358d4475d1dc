/// The bytes of a request's body without its content coding, as they are decoded.
///
/// A source that fails says so to its owner and has no more bytes: its reader then finds a body
/// that ends too early, and the owner knows better.
package protocol BodySource: AnyObject {
    /// Whether bytes may follow; false at the end, and after a failure.
    var hasMore: Bool { get }
    /// Bytes of the whole body; nil where they are not known before its end.
    var byteCount: Int? { get }
    /// A bound of the bytes of the whole body.
    var maxByteCount: Int { get }

    /// Appends the next bytes: a piece of any length, or nothing at the end.
    func read(into bytes: inout [UInt8])
}

extension BodySource {
    /// Brings `bytes` to at least `count`, or to the end of the body.
    func read(into bytes: inout [UInt8], atLeast count: Int) {
        while bytes.count < count, hasMore { read(into: &bytes) }
    }
}

/// A body that is there as it is.
package final class WholeBody: BodySource {
    private let bytes: [UInt8]
    package private(set) var hasMore = true

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    package var byteCount: Int? { bytes.count }
    package var maxByteCount: Int { bytes.count }

    /// Does not copy them for a reader that has none yet.
    package func read(into bytes: inout [UInt8]) {
        guard hasMore else { return }
        hasMore = false
        if bytes.isEmpty { bytes = self.bytes } else { bytes += self.bytes }
    }
}
