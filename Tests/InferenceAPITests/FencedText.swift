import Glibc

/// A text between two pages that nobody may read: the process ends where a byte before it or behind
/// it is looked at.
@safe struct FencedText: ~Copyable {
    private static let pageByteCount = 4096

    private let memory: UnsafeMutableRawPointer
    private let byteCount: Int

    init() {
        byteCount = 3 * Self.pageByteCount
        let mapped = unsafe mmap(
            nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else {
            preconditionFailure("no memory")
        }
        unsafe memory = mapped
        for fence in [0, 2 * Self.pageByteCount] {
            let isFenced = unsafe mprotect(memory + fence, Self.pageByteCount, PROT_NONE) == 0
            precondition(isFenced)
        }
    }

    deinit { unsafe munmap(memory, byteCount) }

    /// Calls `body` with the text right behind the first fence, and right before the second. It has
    /// a page of bytes at most.
    func forEachPlace(of text: ArraySlice<UInt8>, _ body: (UnsafePointer<UInt8>) -> Void) {
        let page = unsafe UnsafeMutableRawBufferPointer(
            start: memory + Self.pageByteCount, count: Self.pageByteCount)
        for start in [0, page.count - text.count] {
            let place = unsafe UnsafeMutableRawBufferPointer(
                rebasing: page[start..<start + text.count])
            unsafe place.copyBytes(from: text)
            guard let base = place.baseAddress else { continue }
            unsafe body(UnsafePointer(base.assumingMemoryBound(to: UInt8.self)))
        }
    }
}
