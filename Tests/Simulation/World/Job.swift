import HTTPMessages

/// A prediction in the queue, or in the batch that runs.
struct Job: Sendable {
    let name: UInt64
    let rows: Int
    /// The model's generation, which a reload changes.
    let key: Int
    let connection: Int
    let request: RequestID
    let deadline: UInt64
}
