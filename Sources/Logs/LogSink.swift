internal import Dispatch
internal import Glibc
internal import Synchronization

/// The log's way to a file descriptor, on a queue of its own: the caller never waits for the file,
/// however slow, full or gone it is. Lines that find no room are dropped and counted.
///
/// A line waits up to `writeDelay` for others, so that a thousand lines cost one system call and
/// one wake-up.
package final class LogSink: Sendable {
    private static let writeDelay = DispatchTimeInterval.milliseconds(10)
    /// The longest time that `flush` waits for the last lines.
    private static let maxFlushTime = DispatchTimeInterval.seconds(1)

    private struct State {
        var buffer = LogBuffer()
        var isScheduled = false
        var writeErrorCount: UInt64 = 0
        /// The second buffer, empty while its bytes are being written.
        var spare: [UInt8] = []
    }

    private let descriptor: Int32
    /// A queue of its own, because a write may block.
    private let queue = DispatchQueue(label: "headserve.log")
    private let state = Mutex(State())
    /// Whether the last write ended within a line. Only `queue` uses it.
    private let isWithinLine = Atomic<Bool>(false)

    /// - Parameter descriptor: stays open for the sink's lifetime; may be blocking or not.
    package init(descriptor: Int32) { self.descriptor = descriptor }

    /// Adds the line of a process event.
    package func append(_ line: String) {
        append(.event) { bytes in
            bytes.append(contentsOf: line.utf8)
            bytes.append(UInt8(ascii: "\n"))
        }
    }

    func append(_ kind: LogBuffer.Kind, _ write: (inout [UInt8]) -> Void) {
        let needsTurn = state.withLock { state in
            state.buffer.append(kind, write)
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        if needsTurn { queue.asyncAfter(deadline: .now() + Self.writeDelay) { self.drain() } }
    }

    /// Writes all waiting lines, and returns when they are written or after a second.
    package func flush() {
        let done = DispatchSemaphore(value: 0)
        queue.async {
            self.drain()
            done.signal()
        }
        _ = done.wait(timeout: .now() + Self.maxFlushTime)
    }

    /// Lines dropped so far.
    package var droppedCount: UInt64 { state.withLock { $0.buffer.droppedCount } }
    /// Writes that failed so far.
    package var writeErrorCount: UInt64 { state.withLock { $0.writeErrorCount } }

    // MARK: On the queue

    private func drain() {
        let bytes = state.withLock { state in
            state.isScheduled = false
            var spare: [UInt8] = []
            swap(&spare, &state.spare)
            return state.buffer.take(leaving: spare)
        }
        let written = write(bytes)
        state.withLock { state in
            if written < bytes.count {
                state.writeErrorCount += 1
                // A line that lacks only its line end is not lost: the next write adds the end.
                let lost = bytes[written...].drop { $0 == UInt8(ascii: "\n") }
                state.buffer.drop(lost.count { $0 == UInt8(ascii: "\n") })
            }
            state.spare = bytes
        }
    }

    /// Writes bytes and returns how many were taken. The rest is not tried again; later lines are.
    private func write(_ bytes: [UInt8]) -> Int {
        guard !bytes.isEmpty else { return 0 }
        let ends = isWithinLine.load(ordering: .relaxed) ? [UInt8(ascii: "\n")] : []
        if !ends.isEmpty, put(ends, from: 0) == 0 { return 0 }
        var written = 0
        while written < bytes.count {
            let count = put(bytes, from: written)
            guard count > 0 else { break }
            written += count
        }
        let isWhole = written == 0 || bytes[written - 1] == UInt8(ascii: "\n")
        isWithinLine.store(!isWhole, ordering: .relaxed)
        return written
    }

    /// Makes one write and returns its byte count, 0 if it failed. Retries an interrupted write
    /// and waits for room in a full pipe.
    private func put(_ bytes: [UInt8], from start: Int) -> Int {
        while true {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.write(
                    descriptor, $0.baseAddress?.advanced(by: start), $0.count - start)
            }
            if count >= 0 { return count }
            switch errno {
            case EINTR: continue
            case EAGAIN: awaitRoom()
            default: return 0
            }
        }
    }

    private func awaitRoom() {
        var watched = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = unsafe poll(&watched, 1, -1)
    }
}
