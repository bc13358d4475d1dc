import CLogitKernels
import Synchronization

/// The rows of one row's noise, (R+1)×K with the location last, on their way into panels.
// Safety: parts read the rows and write panels of their own, and `pack` returns before the
// pointers expire.
@safe struct NoisePanels: @unchecked Sendable {
    /// Classes of a panel.
    static let width = Int(LOGIT_PANEL)
    static let log2OfE: Float = 1.442695040888963407
    /// Classes that a part packs.
    private static let partWidth = 16 * width

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

    /// Whether all values are below 1e30 in size. Parts of the classes go to the threads.
    func pack(_ kernel: LogitKernel) -> Bool {
        let isSafe = Atomic(true)
        let functions = unsafe kernel.table.functions
        let partCount = (classCount + Self.partWidth - 1) / Self.partWidth
        let (rank, panelSize) = (rank, logit_noise_bytes(rank, Self.width, isBFloat16))
        nonisolated(unsafe) let (packLoadings, packLocation) = unsafe (
            functions.pack_loadings, functions.pack_location
        )
        kernel.pool.forEach(partCount) { part in
            let first = part * Self.partWidth
            let size = min(Self.partWidth, classCount - first)
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
