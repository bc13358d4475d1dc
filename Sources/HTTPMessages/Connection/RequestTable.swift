/// The requests of one connection whose answers are due, each with the work under way for it.
///
/// A request is in the table from the moment that work for it begins until it is answered or
/// given up. Whichever comes first takes the work out, so the other finds nothing: an answer to a
/// client that has left, or to a request that was answered before, has no effect.
///
/// A value without I/O or clock, at most `HTTPLimits.maxPipelinedRequests` entries long; operations
/// are linear in them.
package struct RequestTable<Work> {
    private struct Entry {
        let id: RequestID
        let work: Work
    }

    private var entries: [Entry] = []

    package init() {}

    package var count: Int { entries.count }
    package var isEmpty: Bool { entries.isEmpty }

    /// Adds the work for a request that has none in the table.
    package mutating func insert(_ id: RequestID, _ work: Work) {
        assert(!entries.contains { $0.id == id }, "one work a request")
        entries.append(Entry(id: id, work: work))
    }

    /// Takes the work for a request out; nil when nobody waits for its answer any more.
    package mutating func remove(_ id: RequestID) -> Work? {
        guard let index = entries.firstIndex(where: { $0.id == id }) else { return nil }
        return entries.remove(at: index).work
    }

    /// Takes the work for all requests out, in the order of its begin.
    package mutating func removeAll() -> [Work] {
        defer { entries.removeAll(keepingCapacity: true) }
        return entries.map(\.work)
    }
}
