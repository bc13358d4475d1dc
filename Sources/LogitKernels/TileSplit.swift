/// The cut of a matrix of outputs, rows × classes, into parts for the pool: along the classes at
/// multiples of a panel, and along the rows too if the classes alone are too few. The places of the
/// cuts change no result.
struct TileSplit: Sendable {
    /// Parts per thread on average, so that one late thread does not delay the call.
    private static let partsPerThread = 4

    private let classCount: Int
    private let rowCount: Int
    private let classParts: Int
    private let rowParts: Int

    /// The number of parts.
    var count: Int { classParts * rowParts }

    /// Makes one part if the work, in multiply-adds, is below `LogitKernel.parallelProducts`.
    init(classCount: Int, rowCount: Int, productsPerOutput: Int, threadCount: Int) {
        self.classCount = classCount
        self.rowCount = rowCount
        let products = Double(classCount) * Double(rowCount) * Double(productsPerOutput)
        guard products >= Double(LogitKernel.parallelProducts), threadCount > 1 else {
            classParts = 1
            rowParts = 1
            return
        }
        let wanted = threadCount * Self.partsPerThread
        let panelCount = (classCount + panelWidth - 1) / panelWidth
        classParts = min(panelCount, wanted)
        rowParts = min(max(1, rowCount), (wanted + classParts - 1) / classParts)
    }

    /// The classes and rows of a part.
    subscript(part: Int) -> (classes: Range<Int>, rows: Range<Int>) {
        let panelCount = (classCount + panelWidth - 1) / panelWidth
        let panels = Self.slice(part % classParts, of: classParts, in: panelCount)
        let classes =
            panels.lowerBound * panelWidth..<min(panels.upperBound * panelWidth, classCount)
        return (classes, Self.slice(part / classParts, of: rowParts, in: rowCount))
    }

    /// Slice `index` of 0..<`total` cut into `count` nearly equal slices.
    private static func slice(_ index: Int, of count: Int, in total: Int) -> Range<Int> {
        let (size, larger) = total.quotientAndRemainder(dividingBy: count)
        let start = index * size + min(index, larger)
        return start..<start + size + (index < larger ? 1 : 0)
    }
}
