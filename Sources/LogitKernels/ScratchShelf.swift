import Synchronization

/// Temporary memory of sampling rows, kept for the next row: fresh pages cost up to a tenth of the
/// time of a row's arithmetic. A kernel and its copies share one shelf.
final class ScratchShelf: Sendable {
    /// Limit of the memory that is kept unused.
    static let maxIdleBytes = 64 << 20

    private struct Idle {
        var blocks: [ScratchBlock] = []
        /// Bytes of all of them.
        var byteCount = 0
    }

    private let idle = Mutex(Idle())

    deinit { idle.withLock { idle in for block in idle.blocks { block.deallocate() } } }

    /// Takes the smallest idle block of at least `byteCount` bytes, or else a new one. Its contents
    /// are arbitrary, and it must be put back once.
    func take(byteCount: Int) -> ScratchBlock {
        let found: ScratchBlock? = idle.withLock { idle in
            var best: Int?
            for (index, block) in idle.blocks.enumerated() where block.byteCount >= byteCount {
                if let best, idle.blocks[best].byteCount <= block.byteCount { continue }
                best = index
            }
            guard let best else { return nil }
            idle.byteCount -= idle.blocks[best].byteCount
            return idle.blocks.remove(at: best)
        }
        return found ?? ScratchBlock(byteCount: byteCount)
    }

    /// Puts a block back, which must not be used after that.
    func put(_ block: ScratchBlock) {
        let isKept = idle.withLock { idle in
            guard idle.byteCount + block.byteCount <= Self.maxIdleBytes else { return false }
            idle.byteCount += block.byteCount
            idle.blocks.append(block)
            return true
        }
        if !isKept { block.deallocate() }
    }
}

/// Memory aligned to cache lines, with one owner at a time.
// Safety: the one that took it from the shelf has exclusive use of it until it is put back.
@safe struct ScratchBlock: @unchecked Sendable {
    private let bytes: UnsafeMutableRawBufferPointer

    fileprivate init(byteCount: Int) {
        unsafe bytes = LargeMemory.allocateOrTrap(byteCount: byteCount)
    }

    fileprivate func deallocate() { unsafe LargeMemory.deallocate(bytes) }

    var byteCount: Int { unsafe bytes.count }

    /// `count` values from byte `offset` on, a multiple of 64.
    func values<Value: BitwiseCopyable>(
        _ type: Value.Type, at offset: Int, count: Int
    ) -> UnsafeMutableBufferPointer<Value> {
        let size = count * MemoryLayout<Value>.stride
        precondition(offset >= 0 && offset.isMultiple(of: 64) && offset + size <= byteCount)
        let part = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[offset..<offset + size])
        return unsafe part.bindMemory(to: type)
    }
}

/// The layout of arrays in a block, one after the other, each beginning at a cache line.
struct ScratchLayout {
    private(set) var byteCount = 0

    /// The offset of an array of `size` bytes.
    mutating func place(_ size: Int) -> Int {
        defer { byteCount += (size + 63) / 64 * 64 }
        return byteCount
    }
}

extension LogitKernel {
    /// Lends `count` floats of the shelf to `body`, whose contents are arbitrary at first.
    package func withScratch<Result>(
        count: Int, _ body: (inout MutableSpan<Float>) -> Result
    ) -> Result {
        let block = shelf.take(byteCount: count * MemoryLayout<Float>.stride)
        defer { shelf.put(block) }
        var span = unsafe MutableSpan(
            _unsafeElements: block.values(Float.self, at: 0, count: count))
        return body(&span)
    }
}
