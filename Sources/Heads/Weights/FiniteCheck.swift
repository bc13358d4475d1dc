/// A search for values that are not finite in a tensor that arrives block by block.
struct FiniteCheck {
    /// Index in the tensor of the first such value.
    private(set) var firstFault: Int?
    private var seenCount = 0

    /// Checks the next values. One pass, a few gigabytes a second.
    mutating func check(_ values: Span<Float>) {
        if firstFault == nil, !areFinite(values) {
            firstFault = values.indices.first { !values[$0].isFinite }.map { seenCount + $0 }
        }
        seenCount += values.count
    }
}

/// Whether no value is infinite or NaN: those have an exponent of all ones. Without a branch, so
/// that it is vectorised.
func areFinite(_ values: Span<Float>) -> Bool {
    let exponent: UInt32 = 0x7f80_0000
    var faults: UInt32 = 0
    for index in values.indices {
        faults |= values[index].bitPattern & exponent == exponent ? 1 : 0
    }
    return faults == 0
}
