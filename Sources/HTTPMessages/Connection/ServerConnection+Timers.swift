internal import Clocks

/// Deadlines: the state determines which ones apply, and one timer serves the earliest.
extension ServerConnection {
    /// When the connection is aborted because its answers leave too slowly.
    private var flushDeadline: UInt64? { unflushedBytes > 0 ? writeDeadline.time : nil }

    /// When the request in progress is refused as too slow.
    private var readDeadline: UInt64? {
        guard stage == .open, takesRequests else { return nil }
        switch parser.stage {
        case .head: return requestStart.addingClamped(limits.headerTimeout)
        case .body: return bodyDeadline.time
        case .idle, .failed: return nil
        }
    }

    /// When the connection is closed because it is idle, or because the peer does not close it.
    private var restDeadline: UInt64? {
        guard unflushedBytes == 0 else { return nil }
        switch stage {
        case .open where queue.isEmpty && parser.stage == .idle:
            let idleEnd = lastActivity.addingClamped(limits.idleTimeout)
            guard let drainStart else { return idleEnd }
            return min(idleEnd, drainStart.addingClamped(limits.drainGrace))
        case .lingering: return lastWriteProgress.addingClamped(limits.lingerTimeout)
        default: return nil
        }
    }

    /// Handles the deadlines that have passed at `now`.
    mutating func expire(now: UInt64, into actions: inout [ConnectionAction]) {
        guard stage != .closed else { return }
        if let flushDeadline, now >= flushDeadline {
            abort(into: &actions)
        } else if let readDeadline, now >= readDeadline {
            reject(
                parser.stage == .head
                    ? .headerTimeout(nanoseconds: limits.headerTimeout)
                    : .bodyTimeout(nanoseconds: limits.bodyTimeout),
                into: &actions)
        } else if let restDeadline, now >= restDeadline {
            if stage == .open { close(into: &actions) } else { abort(into: &actions) }
        }
    }

    private mutating func abort(into actions: inout [ConnectionAction]) {
        stage = .closed
        actions.append(.abort)
    }

    /// Completes a call's actions: pauses or resumes reading and sets the timer as the state
    /// demands, each only if it changes.
    mutating func finishing(_ actions: consuming [ConnectionAction]) -> [ConnectionAction] {
        guard stage != .closed else {
            backlog = []
            return actions
        }
        if shouldPauseReading != isReadingPaused {
            isReadingPaused.toggle()
            actions.append(isReadingPaused ? .pauseReading : .resumeReading)
        }
        let deadline = earliest(flushDeadline, earliest(readDeadline, restDeadline))
        if deadline != armedDeadline {
            armedDeadline = deadline
            actions.append(deadline.map { .setTimer(at: $0) } ?? .cancelTimer)
        }
        return actions
    }

    private func earliest(_ first: UInt64?, _ second: UInt64?) -> UInt64? {
        guard let first, let second else { return first ?? second }
        return min(first, second)
    }

    /// Whether reading should stop: while a backlog waits, or if too much was discarded before the
    /// last answer is emitted.
    private var shouldPauseReading: Bool {
        switch stage {
        case .open:
            !backlog.isEmpty || (!takesRequests && discardedBytes > limits.maxLingerBytes)
        case .lingering, .closing, .closed: false
        }
    }
}
