/// Rows of numbers as a request gave them, each dense or sparse.
package struct InstanceRows: Sendable, Equatable {
    /// D, the model's input width.
    package let width: Int
    /// The dense rows one after the other, `width` numbers each, finite.
    package internal(set) var dense: [Float] = []
    /// The columns of the sparse rows one after the other, ascending within a row.
    package internal(set) var columns: [UInt32] = []
    /// What stands in those columns, finite; a sparse row is zero everywhere else.
    package internal(set) var values: [Float] = []
    /// One entry a row: nil for a dense one, else its number of columns.
    package internal(set) var sparseCounts: [Int?] = []

    /// B.
    package var count: Int { sparseCounts.count }

    init(width: Int) {
        self.width = width
    }
}
