/// A promise of what reads untrusted bytes that did not hold for some input: a defect of the
/// reader, never of the input.
package enum BrokenPromise: Error, Equatable, Sendable {
    case errorWithoutFile(description: String)
    case repeatedName(String)
    case notFoundByName(String)
    /// More steps in reading a pickle than its length allows.
    case tooManySteps(Int)
    case limitPassed(what: String, value: Int, maximum: Int)
    /// The product of the shape is not the element count.
    case countDiffersFromShape(tensor: String, count: Int)
    /// More bytes than the file can hold, and not by strides of zero either.
    case largerThanFile(tensor: String, elementCount: Int)
    /// Elements depend on bytes that belong to no member of the archive.
    case readOutsideMembers
    /// A safetensors file's tensors do not cover its data.
    case uncoveredData(covered: Int, byteCount: Int)
    /// An index of shards names a file outside its folder, or its lists do not fit.
    case oddIndex(file: String)
    case valueCount(tensor: String, reading: Reading, expected: Int, found: Int)
    /// Two ways of reading differ in one element.
    case valuesDiffer(tensor: String, reading: Reading, index: Int)
    /// One way of reading finds a tensor damaged and another does not.
    case refusalsDiffer(tensor: String, reading: Reading)

    /// The outcome depends on how the bytes were cut.
    case fragmentationMatters
    /// The outcome depends on what was read before.
    case historyMatters
    case requestOutOfOrder
    case answeredTwice
    case answerCount(asked: Int, found: Int)
    case connectionStaysOpen
    /// A request was taken that breaks a rule.
    case illegalRequest(what: String)
    /// A chunked body is not what its chunks hold.
    case wrongBody
    /// A refusal without a status or a reason that fits.
    case oddRefusal(status: Int, description: String)
    /// Decoding what was encoded gives something else.
    case codingLosesBytes

    /// A way of reading a tensor's elements.
    package enum Reading: String, Sendable {
        case floats, doubles, integers, blocks, rows
    }
}
