/// Rows scaled to unit Euclidean length.
enum UnitRows {
    /// Below this length a row is divided by it instead, as the authors' framework does.
    private static let minLength = 1e-12

    /// The length that a row is divided by, of the sum of its squares.
    static func length(ofSquare square: Double) -> Double { max(square.squareRoot(), minLength) }

    /// `values` is a row-major matrix with rows of `width`; lengths are summed in double precision.
    static func normalize(_ values: inout [Float], width: Int) {
        for start in stride(from: 0, to: values.count, by: width) {
            normalize(&values, start..<start + width)
        }
    }

    /// The same for one row, or for the part of it that may differ from zero: zeros add nothing to
    /// its length.
    static func normalize(_ values: inout [Float], _ row: Range<Int>) {
        let square = row.reduce(0.0) { $0 + Double(values[$1]) * Double(values[$1]) }
        let length = length(ofSquare: square)
        for index in row { values[index] = Float(Double(values[index]) / length) }
    }
}
