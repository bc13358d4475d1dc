import Batching
import Fixtures
import HTTPMessages

/// One connection with its two ends: the client, and the owner in the server.
final class Peer {
    let number: Int
    unowned let world: World
    let owned: OwnedConnection
    /// Nanoseconds by which its clock is behind; a fault.
    var clockLag: UInt64 = 0

    // The client.
    var requests: [SentRequest] = []
    /// All bytes that are composed, and how many of them were sent and received.
    var stream: [UInt8] = []
    var sent = 0
    var delivered = 0
    var reader = AnswerReader()
    var answersRead = 0
    /// Whether the client has closed its sending side, and whether it is not there any more.
    var hasEnded = false
    var hasLeft = false
    var wasToldTheEnd = false

    // The server.
    var timer: UInt64?
    var isPaused = false
    var heardEnd = false
    /// Bytes on their way to the client.
    var output: [UInt8] = []
    var isFinishing = false
    var isClosing = false
    /// Requests handed on or refused so far.
    var asked = 0
    var refusals = 0
    /// Whether the machine knows that the client's last request came.
    var heardLast = false
    var isForsaken = false

    init(number: Int, in world: World) {
        self.number = number
        self.world = world
        owned = OwnedConnection(
            ServerConnection(limits: world.limits, now: world.now) { head in
                let isStranger = head.path.hasPrefix(SentRequest.strangersPath)
                return RequestVerdict(isStranger ? .refuse(TurnedAway()) : .take)
            })
    }

    private struct TurnedAway: Error {}

    /// Whether the client says anything more.
    var mayCompose: Bool {
        !hasEnded && stream.count - delivered < 1500 && requests.count < 60
            && requests.last?.announcesEnd != true
    }

    func compose(name: UInt64, random: inout SeededRandom) {
        var request = SentRequest(name: name, random: &random)
        stream += request.bytes(random: &random)
        request.end = stream.count
        requests.append(request)
    }

    /// Requests that arrived whole.
    var wholeRequests: Int { requests.prefix { $0.end <= delivered }.count }

    /// Reads up to `count` bytes and checks the answers among them.
    func read(_ count: Int) throws(Breach) {
        reader.append(output.prefix(count))
        output.removeFirst(min(count, output.count))
        while let answer = reader.next() { try check(answer) }
    }

    private func check(_ answer: AnswerReader.Answer) throws(Breach) {
        try require(
            answersRead < asked, .oneAnswer, "connection \(number): an answer nobody asked for")
        try require(
            !wasToldTheEnd, .oneAnswer, "connection \(number): an answer behind the last one")
        wasToldTheEnd = answer.isLast
        let request = requests[answersRead]
        answersRead += 1
        guard let name = answer.numbers.first else {
            return try require(
                answer.isLast, .refusedForCause, "request \(request.name): \(answer.status)")
        }
        try require(
            name == request.name, .answersInOrder, "\(name) in the place of \(request.name)")
        if answer.status == 200, request.kind == .prediction {
            try require(
                answer.numbers.last == request.digest, .rowsUnmixed, "request \(name)")
        }
    }
}
