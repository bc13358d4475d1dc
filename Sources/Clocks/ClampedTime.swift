extension UInt64 {
    /// This time and a span, or the last time there is where the sum would be later.
    @inlinable
    package func addingClamped(_ span: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(span)
        return overflow ? .max : sum
    }
}
