import COpenSSL

/// The transport of a session, in memory: bytes that have arrived and bytes to send. To OpenSSL it
/// is a BIO.
///
/// OpenSSL's own memory BIO would do but never frees memory: each of ten thousand idle connections
/// would keep a buffer of the largest read and write that it ever made.
@safe
final class TLSBuffers {
    /// Capacity up to which an empty buffer is kept for the next bytes.
    private static let maxKeptBytes = 4096

    private var input: [UInt8] = []
    private var inputOffset = 0
    private(set) var output: [UInt8] = []

    func receive(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer { unsafe input.append(contentsOf: $0) }
    }

    /// Takes the bytes to send.
    func takeOutput() -> [UInt8] {
        var taken: [UInt8] = []
        swap(&taken, &output)
        return taken
    }

    /// A BIO over these buffers, which must outlive it; nil if there is no memory.
    func makeBIO() -> OpaquePointer? {
        guard let method = unsafe Self.method, let bio = unsafe BIO_new(method) else { return nil }
        unsafe BIO_set_data(bio, Unmanaged.passUnretained(self).toOpaque())
        unsafe BIO_set_init(bio, 1)
        return unsafe bio
    }

    private func read(into target: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(target.count, input.count - inputOffset)
        unsafe input.withUnsafeBytes { source in
            unsafe target.copyMemory(
                from: UnsafeRawBufferPointer(
                    rebasing: source[inputOffset..<inputOffset + count]))
        }
        inputOffset += count
        if inputOffset == input.count {
            input.removeAll(keepingCapacity: input.capacity <= Self.maxKeptBytes)
            inputOffset = 0
        }
        return count
    }

    private func write(_ bytes: UnsafeRawBufferPointer) {
        unsafe output.append(contentsOf: bytes)
    }

    private static func of(_ bio: OpaquePointer?) -> TLSBuffers? {
        guard let data = unsafe BIO_get_data(bio) else { return nil }
        return unsafe Unmanaged<TLSBuffers>.fromOpaque(data).takeUnretainedValue()
    }

    // Safety: made once, before any other use, and only read afterwards.
    private nonisolated(unsafe) static let method: OpaquePointer? = {
        let kind = BIO_get_new_index() | BIO_TYPE_SOURCE_SINK
        guard let method = unsafe BIO_meth_new(kind, "headserve buffers") else { return nil }
        unsafe BIO_meth_set_read_ex(method) { bio, target, room, count in
            unsafe headserve_bio_clear_retry(bio)
            let done =
                unsafe of(bio)?.read(
                    into: UnsafeMutableRawBufferPointer(start: target, count: room))
                ?? 0
            unsafe count?.pointee = done
            // Empty is not the end: more bytes may arrive.
            if done == 0 { unsafe headserve_bio_set_retry_read(bio) }
            return done > 0 ? 1 : 0
        }
        unsafe BIO_meth_set_write_ex(method) { bio, source, length, count in
            unsafe headserve_bio_clear_retry(bio)
            guard let buffers = unsafe of(bio) else { return 0 }
            unsafe buffers.write(UnsafeRawBufferPointer(start: source, count: length))
            unsafe count?.pointee = length
            return 1
        }
        unsafe BIO_meth_set_ctrl(method) { _, command, _, _ in command == BIO_CTRL_FLUSH ? 1 : 0 }
        return unsafe method
    }()
}
