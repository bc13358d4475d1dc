/// A value in memory of its own, shared by copies: for what few have, so that the others are small
/// and copying them counts no more than one reference.
indirect enum Boxed<Value: Sendable & Hashable>: Sendable, Hashable {
    case of(Value)

    var value: Value {
        switch self {
        case .of(let value): value
        }
    }
}
