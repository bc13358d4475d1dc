internal import HTTPMessages
internal import Sockets

/// The parts of the service that all connections of one event loop use. Belongs to that loop.
final class ConnectionServices {
    let limits: HTTPLimits
    let desk: RequestDesk
    let accounts: RequestAccounts
    let compression: AnswerCompression
    let heldBytes: HeldBytes
    /// Takes the results of work off the loop.
    let replies: LoopReplies
    private let access: Access

    init(_ shared: SharedService, desk: RequestDesk, replies: LoopReplies) {
        var limits = HTTPLimits()
        limits.maxBodyBytes = shared.options.maxBodyBytes
        self.limits = limits
        self.desk = desk
        self.replies = replies
        accounts = RequestAccounts(shared)
        compression = AnswerCompression(shared.compression)
        heldBytes = shared.heldBytes
        access = Access(credentials: shared.credentials)
    }

    /// Decides about requests of a connection at the end of their heads.
    func policy(for origin: ConnectionOrigin) -> RequestVerdict.Policy {
        let (access, heldBytes) = (access, heldBytes)
        return { head in
            let verdict = access.verdict(on: head, from: origin)
            guard case .take = verdict.decision, heldBytes.isFull else { return verdict }
            return RequestVerdict(.refuse(Refusal.outOfRoom), route: verdict.route)
        }
    }
}
