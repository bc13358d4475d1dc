/// Eigenvectors of a symmetric matrix in double: Householder reflections to a tridiagonal one, then
/// QL steps with implicit shifts (Bowdler, Martin, Reinsch and Wilkinson, Numer. Math. 11, 1968).
/// About 6 n³ operations.
struct SymmetricEigenvectors {
    /// One a row, n×n, orthonormal within rounding; those of the largest eigenvalues first.
    private(set) var vectors: [Double]
    /// In the order of the vectors.
    private(set) var values: [Double]

    private let size: Int
    /// Element i couples rows i and i + 1 of the tridiagonal matrix; the last is zero.
    private var couplings: [Double]

    /// QL steps for one eigenvalue; two or three are usual.
    private static let maxSteps = 60

    /// `matrix` is n×n with finite elements, of which the upper triangle is read; nil if the steps
    /// do not come to an end.
    init?(_ matrix: [Double], size: Int) {
        precondition(matrix.count == size * size, "not n×n")
        self.size = size
        vectors = [Double](repeating: 0, count: size * size)
        for index in 0..<size { vectors[index * size + index] = 1 }
        values = [Double](repeating: 0, count: size)
        couplings = [Double](repeating: 0, count: size)
        reduce(matrix)
        for index in 0..<size {
            guard isolate(index) else { return nil }
        }
        sort()
    }

    /// Makes the matrix tridiagonal, and the vectors the transformation.
    private mutating func reduce(_ matrix: [Double]) {
        var rest = matrix
        for row in 0..<size {
            for column in 0..<row { rest[row * size + column] = matrix[column * size + row] }
        }
        for column in 0..<size {
            if column < size - 2 { reflect(column, &rest) }
            values[column] = rest[column * size + column]
            if column < size - 1 { couplings[column] = rest[column * size + column + 1] }
        }
    }

    /// Reflects rows and columns behind `column`, so that it has one element below the diagonal.
    private mutating func reflect(_ column: Int, _ rest: inout [Double]) {
        let first = column + 1
        var normal = Array(rest[column * size + first..<(column + 1) * size])
        let length = normal.reduce(0) { $0 + $1 * $1 }.squareRoot()
        guard length > 0, normal.dropFirst().contains(where: { $0 != 0 }) else { return }
        let target = normal[0] > 0 ? -length : length
        normal[0] -= target
        let factor = 2 / normal.reduce(0) { $0 + $1 * $1 }
        let products = (first..<size).map { row in
            factor
                * zip(normal, rest[row * size + first..<(row + 1) * size]).reduce(0) {
                    $0 + $1.0 * $1.1
                }
        }
        let half = factor / 2 * zip(products, normal).reduce(0) { $0 + $1.0 * $1.1 }
        let changes = zip(products, normal).map { $0 - half * $1 }
        for row in 0..<normal.count {
            for place in 0..<normal.count {
                rest[(first + row) * size + first + place] -=
                    normal[row] * changes[place] + changes[row] * normal[place]
            }
        }
        rest[column * size + first] = target
        reflectVectors(behind: first, normal, factor)
    }

    /// Applies the reflection to the rows of the vectors from `first` on.
    private mutating func reflectVectors(behind first: Int, _ normal: [Double], _ factor: Double) {
        var sums = [Double](repeating: 0, count: size)
        for (row, part) in normal.enumerated() {
            let start = (first + row) * size
            for place in 0..<size { sums[place] += part * vectors[start + place] }
        }
        for (row, part) in normal.enumerated() {
            let start = (first + row) * size
            for place in 0..<size { vectors[start + place] -= factor * part * sums[place] }
        }
    }

    /// Makes coupling `index` negligible by QL steps on the block that begins there.
    private mutating func isolate(_ index: Int) -> Bool {
        for _ in 0..<Self.maxSteps {
            var end = index
            while end < size - 1, !isNegligible(end) { end += 1 }
            if end == index { return true }
            step(from: index, to: end)
        }
        return false
    }

    private func isNegligible(_ index: Int) -> Bool {
        let scale = abs(values[index]) + abs(values[index + 1])
        return abs(couplings[index]) <= scale * .ulpOfOne
    }

    /// One QL step with Wilkinson's shift on rows `first`...`last`.
    private mutating func step(from first: Int, to last: Int) {
        let half = (values[first + 1] - values[first]) / (2 * couplings[first])
        let root = (half * half + 1).squareRoot()
        var bulge = values[last] - values[first]
        bulge += couplings[first] / (half + (half < 0 ? -root : root))
        var (sine, cosine, shift) = (1.0, 1.0, 0.0)
        for row in stride(from: last - 1, through: first, by: -1) {
            let across = sine * couplings[row]
            let along = cosine * couplings[row]
            let length = (across * across + bulge * bulge).squareRoot()
            couplings[row + 1] = length
            if length == 0 {
                values[row + 1] -= shift
                couplings[last] = 0
                return
            }
            (sine, cosine) = (across / length, bulge / length)
            bulge = values[row + 1] - shift
            let turn = (values[row] - bulge) * sine + 2 * cosine * along
            shift = sine * turn
            values[row + 1] = bulge + shift
            bulge = cosine * turn - along
            rotate(row, sine, cosine)
        }
        values[first] -= shift
        couplings[first] = bulge
        couplings[last] = 0
    }

    /// Rotates vectors `row` and `row + 1`.
    private mutating func rotate(_ row: Int, _ sine: Double, _ cosine: Double) {
        let (upper, lower) = (row * size, (row + 1) * size)
        for place in 0..<size {
            let (first, second) = (vectors[upper + place], vectors[lower + place])
            vectors[lower + place] = sine * first + cosine * second
            vectors[upper + place] = cosine * first - sine * second
        }
    }

    private mutating func sort() {
        let order = values.indices.sorted { (values[$0], $1) > (values[$1], $0) }
        vectors = order.flatMap { vectors[$0 * size..<($0 + 1) * size] }
        values = order.map { values[$0] }
    }
}
