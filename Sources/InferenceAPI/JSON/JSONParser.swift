internal import CSimdJSON

/// A reusable simdjson parser: it keeps the memory of small documents for the next one.
///
/// Values it has handed out are dead once it parses again or gives its memory back. Belongs to
/// one thread; not Sendable. Safe to hold, as its pointer is its own and dies with it.
@safe final class JSONParser {
    /// Arrays and objects inside each other. A request needs four.
    static let maxDepth = 64
    /// After a longer document the memory, about 15 times its bytes, is given back.
    static let retainedDocumentBytes = 1 << 20

    enum Failure: Error {
        /// Not JSON, or a number that no machine type takes.
        case refused
        case tooLong
        case outOfMemory
    }

    /// Nil when there was no memory for it; then nothing parses.
    private let handle: OpaquePointer?

    /// - Parameter capacity: bytes of the longest document it takes.
    init(capacity: Int) {
        unsafe handle = csj_parser_create(max(0, capacity), Self.maxDepth)
    }

    deinit {
        if let handle = unsafe handle { unsafe csj_parser_destroy(handle) }
    }

    /// Parses a document; the bytes are copied and not needed afterwards.
    func parse(_ bytes: Span<UInt8>) throws(Failure) -> JSONValue {
        guard let handle = unsafe handle else { throw .outOfMemory }
        var root = csj_element()
        let status = unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe csj_parse(handle, buffer.baseAddress, buffer.count, &root)
        }
        switch status {
        case CSJ_PARSED: return unsafe JSONValue(parser: handle, element: root)
        case CSJ_TOO_LONG: throw .tooLong
        case CSJ_OUT_OF_MEMORY: throw .outOfMemory
        default: throw .refused
        }
    }

    /// To be called when a document of this many bytes has been read.
    func finish(documentBytes: Int) {
        guard documentBytes > Self.retainedDocumentBytes, let handle = unsafe handle else { return }
        unsafe csj_parser_release(handle)
    }
}
