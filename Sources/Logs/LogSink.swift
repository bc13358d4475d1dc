internal import Dispatch
internal import Glibc
internal import Synchronization

/// Writes the log to a file descriptor beside everything else: whoever logs never waits for the
/// file, however slow, full or gone it is. What finds no room is left out and counted.
///
/// Lines wait up to `gathering` for others, so that a thousand of them cost one system call and one
/// wake-up.
package final class LogSink: Sendable {
    private static let gathering = DispatchTimeInterval.milliseconds(10)
    /// How long the end of the process waits for its last lines.
    private static let farewell = DispatchTimeInterval.seconds(1)

    private struct State {
        var buffer = LogBuffer()
        var isScheduled = false
        var writeErrorCount: UInt64 = 0
        /// The other buffer, while nothing is being written.
        var spare: [UInt8] = []
    }

    private let descriptor: Int32
    /// Of its own, for a write may block it.
    private let queue = DispatchQueue(label: "headserve.log")
    private let state = Mutex(State())
    /// Whether the last write broke off within a line; the queue's own.
    private let isWithinLine = Atomic<Bool>(false)

    /// - Parameter descriptor: stays open; blocking or not.
    package init(descriptor: Int32) { self.descriptor = descriptor }

    /// Adds the line of an event of the process.
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
        if needsTurn { queue.asyncAfter(deadline: .now() + Self.gathering) { self.drain() } }
    }

    /// Writes what waits, and returns when it is written or a second has passed.
    package func flush() {
        let done = DispatchSemaphore(value: 0)
        queue.async {
            self.drain()
            done.signal()
        }
        _ = done.wait(timeout: .now() + Self.farewell)
    }

    /// Lines left out so far.
    package var droppedCount: UInt64 { state.withLock { $0.buffer.droppedCount } }
    /// Writes that failed so far.
    package var writeErrorCount: UInt64 { state.withLock { $0.writeErrorCount } }

    // MARK: The queue

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
                // A line that lacks only its end is no loss: the end comes before the next one.
                let lost = bytes[written...].drop { $0 == UInt8(ascii: "\n") }
                state.buffer.drop(lost.count { $0 == UInt8(ascii: "\n") })
            }
            state.spare = bytes
        }
    }

    /// Bytes that were taken. What could not be written is not tried again: later lines are.
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

    /// One write; interrupted ones begin anew, and a full pipe is waited for. 0 when it failed.
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
