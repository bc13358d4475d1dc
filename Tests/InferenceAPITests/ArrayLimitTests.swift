import NumPyFormat
import Predictions
import Testing

@testable import InferenceAPI

@Suite struct ArrayLimitTests {
    private func rows(_ count: Int) -> ArrayBytes {
        ArrayBytes(
            shape: "(\(count), 3)", data: elements([Float](repeating: 1, count: 3 * count)))
    }

    @Test(arguments: [(6, nil), (7, nil), (8, Verdict(413, "too_many_rows", nil))])
    func `rows are limited`(count: Int, verdict: Verdict?) {
        #expect(Verdict(failure(rows(count), limits: RequestLimits(maxRows: 7))) == verdict)
    }

    @Test(arguments: [
        (5, Verdict(413, "too_many_features", nil)), (6, nil), (7, nil),
    ])
    func `numbers are limited`(limit: Int, verdict: Verdict?) {
        let limits = RequestLimits(maxFeatureCount: limit)
        #expect(Verdict(failure(rows(2), limits: limits)) == verdict)
    }

    /// Half of the body's bytes may be numbers, of which float16 fills two each.
    @Test func `a body of float16 reaches the limit of bytes first`() throws {
        var array = ArrayBytes(descriptor: "'<f2'", data: [UInt8](repeating: 0, count: 12))
        let limits = RequestLimits(maxBodyBytes: array.bytes.count)
        #expect(failure(array, limits: limits) == nil)
        array.shape = "(3, 3)"
        array.data += [UInt8](repeating: 0, count: 6)
        #expect(failure(array, limits: limits)?.code == "body_too_large")
    }

    @Test(arguments: [-1, 0, 1])
    func `bodies are limited`(excess: Int) {
        let array = rows(2)
        let count = array.bytes.count
        let limits = RequestLimits(maxBodyBytes: count - excess)
        #expect(
            failure(array, limits: limits)
                == (excess > 0 ? .bodyTooLarge(bytes: count, limit: count - 1) : nil))
    }

    @Test(arguments: [(9_999, true), (10_000, true), (10_001, false)])
    func `headers are limited`(count: Int, fits: Bool) {
        var array = rows(2)
        let text = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}"
        array.header = text + String(repeating: " ", count: count - text.utf8.count)
        for version in [1, 2, 3] as [UInt8] {
            array.version = (version, 0)
            #expect(
                failure(array)
                    == (fits ? nil : .malformedArray(.headerTooLong(count, limit: 10_000))))
        }
    }

    /// The declared length of the header counts, before any of it is looked for.
    @Test func `a header of four gigabytes is refused`() {
        var array = rows(2)
        (array.version, array.headerByteCount) = ((2, 0), Int(UInt32.max))
        #expect(
            failure(array) == .malformedArray(.headerTooLong(Int(UInt32.max), limit: 10_000)))
    }

    @Test(arguments: [1, 2] as [UInt8])
    func `every array that is cut short is malformed`(major: UInt8) {
        var array = rows(2)
        array.version = (major, 0)
        let bytes = array.bytes
        for count in bytes.indices {
            do {
                _ = try decode(array: Array(bytes[..<count]))
                Issue.record("\(count) bytes are an array")
            } catch {
                #expect(Verdict(error) == Verdict(400, "malformed_array", nil), "\(count)")
            }
        }
    }

    /// Nothing but errors come of damage to the header, or rows that are as long as they should be.
    @Test func `every byte before the elements may be anything`() {
        let bytes = rows(2).bytes
        for index in 0..<bytes.count - 24 {
            for value in UInt8.min...UInt8.max {
                var damaged = bytes
                damaged[index] = value
                do {
                    #expect(try decode(array: damaged).rows.dense.count == 6)
                } catch {
                    #expect([400, 413, 422].contains(error.status))
                }
            }
        }
    }
}
