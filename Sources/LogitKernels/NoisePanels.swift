import CLogitKernels
import Synchronization

/// The rows of one row's noise, (R+1)×K with the location last, on their way into panels.
// Safety: parts read the rows and write panels of their own, and `pack` returns before the
// pointers expire.
@safe struct NoisePanels: @unchecked Sendable {
    /// Classes of a panel.
    static let width = Int(LOGIT_PANEL)
    static let log2OfE: Float = 1.442695040888963407
    /// Parts that a thread gets on average.
    private static let partsPerThread = 4

    let rows: UnsafeBufferPointer<Float>
    let classCount: Int
    let bias: UnsafePointer<Float>?
    /// What every logit is multiplied by.
    let scale: Float
    let isBFloat16: Bool
    /// All panels' classes.
    let location: UnsafeMutableBufferPointer<Float>
    let loadings: UnsafeMutableBufferPointer<UInt8>

    var rank: Int { unsafe rows.count / classCount - 1 }

    static func count(classCount: Int) -> Int { (classCount + width - 1) / width }

    /// Whether all values are below 1e30 in size. Parts of the classes go to the threads; `fill`
    /// computes the rows of some classes first, so that they are packed out of the thread's cache,
    /// by `products` multiply-adds in all.
    func pack(
        _ kernel: LogitKernel, products: Double, fill: @Sendable (Range<Int>) -> Void
    ) -> Bool {
        let isSafe = Atomic(true)
        let kernels = kernel.table.sampling
        let panelCount = Self.count(classCount: classCount)
        let partCount = min(panelCount, kernel.pool.threadCount * Self.partsPerThread)
        let (rank, panelSize) = (rank, logit_noise_bytes(rank, Self.width, isBFloat16))
        nonisolated(unsafe) let (packLoadings, packLocation) = unsafe (
            kernels.pack_loadings, kernels.pack_location
        )
        let isSmall = products < Double(LogitKernel.parallelProducts)
        kernel.pool.forEach(partCount, isSmall: isSmall) { part in
            let first = panelCount * part / partCount * Self.width
            let end = min(panelCount * (part + 1) / partCount * Self.width, classCount)
            let size = end - first
            fill(first..<end)
            guard let row = unsafe rows.baseAddress, let target = unsafe location.baseAddress
            else { return }
            let panels = unsafe loadings.baseAddress.map {
                unsafe $0 + first / Self.width * panelSize
            }
            let areSafe = unsafe packLoadings(
                row + first, classCount, rank, size, scale, isBFloat16, panels)
            let isLocationSafe = unsafe packLocation(
                row + rank * classCount + first, bias.map { unsafe $0 + first }, size, scale,
                target + first)
            if !(areSafe && isLocationSafe) { isSafe.store(false, ordering: .relaxed) }
        }
        return isSafe.load(ordering: .relaxed)
    }
}
