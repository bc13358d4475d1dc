extension [Float] {
    /// Row `index` of a row-major matrix with rows of `width`.
    func matrixRow(_ index: Int, width: Int) -> ArraySlice<Float> {
        self[index * width..<(index + 1) * width]
    }
}
