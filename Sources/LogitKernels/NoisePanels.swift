import CLogitKernels
import Synchronization

/// The source and target of packing one row's noise: (R+1)×K rows, the location last, and panels.
// Safety: parts read the rows and write disjoint panels, and `pack` returns before the pointers
// expire.
@safe struct NoisePanels: @unchecked Sendable {
    /// Classes in a panel.
    static let width = Int(LOGIT_PANEL)
    static let log2OfE: Float = 1.442695040888963407
    /// Parts per thread on average.
    private static let partsPerThread = 4

    let rows: UnsafeBufferPointer<Float>
    let classCount: Int
    let bias: UnsafePointer<Float>?
    /// The factor of every logit.
    let scale: Float
    let isBFloat16: Bool
    /// The location of all panels' classes.
    let location: UnsafeMutableBufferPointer<Float>
    let loadings: UnsafeMutableBufferPointer<UInt8>

    var rank: Int { unsafe rows.count / classCount - 1 }

    static func count(classCount: Int) -> Int { (classCount + width - 1) / width }

    /// Packs the rows; false if a value is not below 1e30 in magnitude. Parts of the classes are
    /// shared out to the threads. For each part, `fill` computes the rows of its classes first, so
    /// that they are packed from the thread's cache; all parts together take `products`
    /// multiply-adds.
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
