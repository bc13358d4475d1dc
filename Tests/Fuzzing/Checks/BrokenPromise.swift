/// A promise of the checkpoint readers that did not hold for some input: a defect of theirs, never
/// of the input.
package enum BrokenPromise: Error, Equatable, Sendable {
    case errorWithoutFile(description: String)
    case repeatedName(String)
    case notFoundByName(String)
    case limitPassed(what: String, value: Int, maximum: Int)
    /// The product of the shape is not the element count.
    case countDiffersFromShape(tensor: String, count: Int)
    /// More bytes than the file can hold, and not by strides of zero either.
    case largerThanFile(tensor: String, elementCount: Int)
    /// Elements depend on bytes that belong to no member of the archive.
    case readOutsideMembers
    /// A safetensors file's tensors do not cover its data.
    case uncoveredData(covered: Int, byteCount: Int)
    case valueCount(tensor: String, reading: Reading, expected: Int, found: Int)
    /// Two ways of reading differ in one element.
    case valuesDiffer(tensor: String, reading: Reading, index: Int)
    /// One way of reading finds a tensor damaged and another does not.
    case refusalsDiffer(tensor: String, reading: Reading)

    /// A way of reading a tensor's elements.
    package enum Reading: String, Sendable {
        case floats, doubles, integers, blocks, rows
    }
}
