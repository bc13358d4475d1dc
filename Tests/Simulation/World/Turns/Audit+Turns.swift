import Batching

/// The turns that the queue gives, and their ends.
extension Audit {
    mutating func started(
        _ id: RunID, _ batch: Batch<Piece>, slice: UInt64, now: UInt64
    ) throws(Breach) {
        try requireTurn(slice, now)
        try require(runs[id] == nil, .oneSlice, "a batch was begun twice")
        try requireSound(batch, now)
        try require(
            batch.entries.count == 1 || batch.entries.allSatisfy(isShort), .batchIsSound,
            "a long entry is not alone")
        let bytes = batch.entries.reduce(0) { $0 + $1.size.bytes }
        let held = runs.values.reduce(bytes) { $0 + $1.bytes }
        // One entry may run alone whatever it holds, and beside it those that hold nothing.
        let alone = runs.isEmpty ? batch.entries.first?.size.bytes ?? 0 : 0
        try require(
            held <= limits.maxRunBytes || bytes == alone, .limitsHold,
            "batches hold \(held) bytes")
        if let first = batch.entries.first {
            try require(hasRoom(first), .limitsHold, "\(runs.count + 1) batches in progress")
            if !isShort(first), let slot = lines[first.client]?.slot {
                try room.began(slot, first, got: shares.got[slot])
            }
        }
        try take(batch, as: id, bytes)
        try requireReason(id, slice)
        for piece in batch.entries {
            try waits.started(piece, at: now)
            try leave(piece)
        }
        setWindows(now)
    }

    private func requireSound(_ batch: Batch<Piece>, _ now: UInt64) throws(Breach) {
        let rows = batch.entries.reduce(0) { $0 + $1.size.rows }
        try require(
            !batch.entries.isEmpty && batch.rows == rows
                && (rows <= limits.maxBatchRows || batch.entries.count == 1), .batchIsSound,
            "\(batch.rows) rows of at most \(limits.maxBatchRows)")
        var places: [Int: Int] = [:]
        for piece in batch.entries {
            try require(
                pieces[piece.name] != nil && piece.deadline > now && piece.key == batch.key,
                .batchIsSound, "\(piece.name) of key \(piece.key) in a batch of \(batch.key)")
            let line = lines[piece.client]
            let place = places[piece.client, default: 0]
            places[piece.client] = place + 1
            let isNext =
                line.map { $0.waiting.count > place && $0.waiting[place] == piece.name } ?? false
            try require(isNext, .batchIsSound, "\(piece.name) was overtaken, or overtook")
            try require(
                line?.run == nil, .batchIsSound, "client \(piece.client) has two batches")
        }
        try require(holdEnd(now) == nil, .workConserving, "a batch did not wait for others")
    }

    /// Divides a batch among its clients, by what was expected of their entries.
    private mutating func take(
        _ batch: Batch<Piece>, as id: RunID, _ bytes: Int
    ) throws(Breach) {
        var weights: [(client: Int, part: Double)] = []
        for piece in batch.entries {
            let weight = Double(max(1, piece.size.expected ?? 1))
            if let place = weights.firstIndex(where: { $0.client == piece.client }) {
                weights[place].part += weight
            } else {
                weights.append((piece.client, weight))
            }
        }
        let sum = weights.reduce(0) { $0 + $1.part }
        runs[id] = Run(
            pieces: batch.entries, shares: weights.map { ($0.client, $0.part / sum) },
            expected: batch.entries.reduce(0) { $0 + ($1.size.expected ?? 0) }, bytes: bytes)
        for share in weights {
            lines[share.client]?.run = id
            if weights.count > 1 {
                lines[share.client]?.hasShared = true
                lines[share.client]?.wasHindered = true
            }
        }
        current = id
    }

    mutating func resumed(_ id: RunID, slice: UInt64, now: UInt64) throws(Breach) {
        try requireTurn(slice, now)
        try require(runs[id] != nil, .oneSlice, "a batch goes on that is not in progress")
        try requireReason(id, slice)
        current = id
        setWindows(now)
    }

    private mutating func requireTurn(_ slice: UInt64, _ now: UInt64) throws(Breach) {
        try requireNoneLate(now)
        try require(current == nil, .oneSlice, "two slices at once")
        try require(
            slice >= 1 && slice <= limits.quantum + limits.quantum / 2, .oneSlice,
            "a slice of \(slice) ns")
    }

    /// A slice is longer than a quantum only if its batch is expected to be done with it.
    private func requireReason(_ id: RunID, _ slice: UInt64) throws(Breach) {
        guard slice > limits.quantum, let run = runs[id] else { return }
        try require(
            run.expected > run.used && run.expected - run.used <= slice, .oneSlice,
            "a slice of \(slice) ns, of a batch that has taken \(run.used) of \(run.expected)")
    }

    /// The queue says that there is nothing to do, until a time or an entry comes.
    mutating func paused(until end: UInt64?, now: UInt64) throws(Breach) {
        try requireNoneLate(now)
        try require(
            current == nil && runs.isEmpty, .workConserving,
            "\(runs.count) batches do not go on")
        try require(
            end == holdEnd(now) && (end != nil || pieces.isEmpty), .workConserving,
            "\(pieces.count) entries wait until \(end ?? 0), not \(holdEnd(now) ?? 0)")
    }

    mutating func sliceEnded(
        _ id: RunID, elapsed: UInt64, isFinished: Bool
    ) throws(Breach) {
        guard let run = runs[id] else { return }
        current = nil
        runs[id]?.used += elapsed
        for share in run.shares {
            guard let line = lines[share.client] else { continue }
            let time = Double(elapsed) * share.part
            try newcomers.note(time, of: line, got: shares.got[line.slot])
            try shares.charge(line.slot, time)
        }
        guard isFinished else { return }
        runs[id] = nil
        for share in run.shares {
            lines[share.client]?.run = nil
            rest(share.client)
        }
    }

    /// Opens and closes the windows of clients, now that it is known what may run.
    private mutating func setWindows(_ now: UInt64) {
        let isHeld = holdEnd(now) != nil
        var isResident = false
        for (client, line) in lines where line.isBusy {
            var mayRun = !isHeld
            if let run = line.run {
                mayRun = runs[run]?.isShared == false
                room.setWaiting(line.slot, nil)
            } else if let first = line.waiting.first.flatMap({ pieces[$0] }) {
                let fits = hasRoom(first)
                mayRun = mayRun && fits
                if !fits {
                    waits.drop(first)
                    waits.noteLackOfRoom()
                }
                room.setWaiting(line.slot, fits || isShort(first) ? nil : first)
            }
            if !mayRun, !line.wasHindered { lines[client]?.wasHindered = true }
            // Until it has got something, its wait is what is bounded.
            let hasBegun = shares.got[line.slot] > line.gotBefore
            shares.setWindow(line.slot, isOn: mayRun && hasBegun)
            if mayRun, shares.got[line.slot] - line.gotBefore > bounds.quantum {
                isResident = true
            }
        }
        newcomers.setWindow(isOn: isResident)
    }
}
