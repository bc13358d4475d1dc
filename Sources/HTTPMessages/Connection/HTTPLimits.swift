/// All bounds that the HTTP layer enforces, in one value that its maker validates.
///
/// Byte limits are inclusive: exactly the limit passes, one byte more is refused.
/// Times are nanoseconds of the same monotonic clock as every `now` argument.
package struct HTTPLimits: Sendable, Equatable {
    /// Bytes of a request method; a longer one is a 501.
    package var maxMethodBytes = 32
    /// Bytes of a request target; a longer one is a 414.
    package var maxTargetBytes = 8 * 1024
    /// Header fields of a request; more are a 431.
    package var maxHeaderCount = 100
    /// Bytes of a header section, including line ends and the closing empty line; more are a 431.
    package var maxHeaderBytes = 32 * 1024
    /// Bytes of a request body without its transfer coding, and again without its content coding;
    /// more are a 413, decided before they are buffered.
    package var maxBodyBytes = 64 * 1024 * 1024
    /// Bytes of all chunk extensions of one request; more are a 400.
    package var maxChunkExtensionBytes = 4 * 1024
    /// Bytes of a trailer section, including line ends and the closing empty line; more are a 431.
    package var maxTrailerBytes = 8 * 1024
    /// Trailer fields of a request; more are a 431.
    package var maxTrailerCount = 32

    /// Requests of one connection that wait for an answer or whose answer is not flushed yet, at
    /// which reading stops. Answers leave at the end of a loop's turn, so this bounds a
    /// connection's share of a turn too.
    package var maxPipelinedRequests = 16
    /// Body bytes of a connection's waiting requests at which no further request is begun.
    package var maxPipelinedBodyBytes = 1024 * 1024
    /// Answer bytes emitted and not yet flushed at which no further request is begun.
    package var maxUnflushedBytes = 1024 * 1024

    /// Time from a request's first byte to the end of its header section; after it 408.
    package var headerTimeout: UInt64 = 10 * .second
    /// Time that a body may fall behind `bodyBytesPerSecond`, or stall; after it 408.
    package var bodyTimeout: UInt64 = 30 * .second
    /// The lowest rate of a body on the wire. At least 1.
    package var bodyBytesPerSecond: UInt64 = 16 * 1024
    /// Time after which an idle connection is closed.
    package var idleTimeout: UInt64 = 75 * .second
    /// Time for which a connection without a request stays open in a drain, for one that is on its
    /// way.
    package var drainGrace: UInt64 = .second / 2
    /// Time that a client may fall behind `writeBytesPerSecond` in taking its answers, or stall;
    /// after it the connection is aborted.
    package var writeTimeout: UInt64 = 30 * .second
    /// The lowest rate at which answers leave. At least 1.
    package var writeBytesPerSecond: UInt64 = 16 * 1024
    /// Time for which input is discarded after the last answer, so that the client can read it.
    package var lingerTimeout: UInt64 = 5 * .second
    /// Bytes that are discarded after the last accepted request before the connection is aborted.
    package var maxLingerBytes = 128 * 1024 * 1024

    /// The defaults above.
    package init() {}
}

extension UInt64 {
    /// One second in nanoseconds.
    static let second: UInt64 = 1_000_000_000
}
