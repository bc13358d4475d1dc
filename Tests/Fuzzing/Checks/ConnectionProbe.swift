import HTTPMessages
import HTTPTypes

/// Feeds a connection and holds what it does against what is promised.
enum ConnectionProbe {
    static let limits: HTTPLimits = {
        var limits = HTTPLimits()
        limits.maxTargetBytes = 64
        limits.maxHeaderCount = 8
        limits.maxHeaderBytes = 512
        limits.maxBodyBytes = 96
        limits.maxChunkExtensionBytes = 32
        limits.maxTrailerBytes = 64
        limits.maxTrailerCount = 3
        limits.maxPipelinedRequests = 3
        limits.maxPipelinedBodyBytes = 48
        limits.maxUnflushedBytes = 256
        limits.maxLingerBytes = 256
        return limits
    }()

    /// Requests are the same for every fragmentation of the stream, and each request is answered
    /// once, in order, whatever else happens meanwhile.
    static func check(_ input: [UInt8]) throws(BrokenPromise) {
        let stream = FragmentedBytes(input)
        let whole = try asked(stream.whole)
        guard try asked(stream.single) == whole, try asked(stream.chosen) == whole
        else { throw .fragmentationMatters }
        try disturb(stream, whole)
    }

    /// The requests of a stream whose answers come at once.
    private static func asked(
        _ fragments: [[UInt8]]
    ) throws(BrokenPromise) -> [FuzzedConnection.Request] {
        let owner = FuzzedConnection(limits: limits)
        for fragment in fragments {
            try owner.receive(fragment)
            while let id = owner.due.first { try owner.answer(id) }
        }
        try owner.end()
        return owner.asked
    }

    /// The same stream with answers in any order, slow flushes, timers and a drain between.
    private static func disturb(
        _ stream: FragmentedBytes, _ whole: [FuzzedConnection.Request]
    ) throws(BrokenPromise) {
        var choices = stream
        let owner = FuzzedConnection(limits: limits)
        owner.flushesAtOnce = false
        for fragment in stream.chosen {
            if !owner.isPaused { try owner.receive(fragment) } else { owner.hold(fragment) }
            switch choices.next(below: 24) {
            case 0..<8:
                let due = owner.due
                if !due.isEmpty { try owner.answer(due[choices.next(below: due.count)]) }
            case 8..<14: try owner.flush(all: choices.next(below: 2) == 0)
            case 14: try owner.wait(nanoseconds: UInt64(choices.next(below: 1 << 30)) << 3)
            case 15 where choices.next(below: 8) == 0: try owner.drain()
            case 16 where choices.next(below: 8) == 0: try owner.shed()
            default: break
            }
            try owner.receiveHeld()
        }
        try owner.end()
        guard !owner.wasDisturbed else { return }
        guard owner.asked == whole else { throw .fragmentationMatters }
    }
}
