import NumPyFormat
import Testing

@testable import InferenceAPI

/// Arrays that are refused, and what a client is told about them.
@Suite struct ArrayErrorTests {
    private static let six = elements([1, 2, 3, 4, 5, 6] as [Float])

    @Test(arguments: [
        (
            "(6,)", "wrong_shape",
            "the array has shape (6,), not (rows, 3); a single row has shape (1, 3)"
        ),
        ("(1, 2, 3)", "wrong_shape", "the array has shape (1, 2, 3), not (rows, 3)"),
        ("(3, 2)", "wrong_width", "the array has shape (3, 2), not (rows, 3)"),
        ("(1, 6)", "wrong_width", "the array has shape (1, 6), not (rows, 3)"),
    ])
    func `other shapes are impossible`(shape: String, code: String, text: String) {
        let error = failure(ArrayBytes(shape: shape, data: Self.six))
        #expect(Verdict(error) == Verdict(422, code, nil))
        #expect(error?.description == text)
    }

    @Test(arguments: ["(0, 3)", "(0, 0)", "(0, 9223372036854775807)"])
    func `no rows are no instances`(shape: String) {
        #expect(Verdict(failure(ArrayBytes(shape: shape))) == Verdict(422, "empty_instances", nil))
    }

    @Test func `a scalar is no matrix`() {
        let array = ArrayBytes(shape: "()", data: elements([1] as [Float]))
        #expect(Verdict(failure(array)) == Verdict(422, "wrong_shape", nil))
        #expect(failure(ArrayBytes(shape: "(3, 0)")) == .wrongShape([3, 0], width: 3))
    }

    @Test(arguments: [
        "|O", "<i4", "<i8", "|u1", "|b1", "|f2", "<f16", "<c8", "|V2", "|S4", "=f4", "f4", "",
    ])
    func `other types are named`(type: String) throws {
        let error = failure(ArrayBytes(descriptor: "'\(type)'", data: Self.six))
        #expect(Verdict(error) == Verdict(422, "element_type", nil))
        #expect(
            error?.description
                == "the array's elements are '\(type)', not float16, float32 or float64: "
                + "expected '<f2', '<f4', '<f8', '>f2', '>f4' or '>f8'; convert them with "
                + "astype('float32')")
    }

    @Test(arguments: ["[('a', '<f4'), ('b', '<i4')]", "('<f4', (2,))"])
    func `records are named`(descriptor: String) {
        let error = failure(ArrayBytes(descriptor: descriptor, data: Self.six))
        #expect(error == .elementType(found: nil))
        #expect(error?.description.hasPrefix("the array's elements are records, not") == true)
    }

    /// The first in the order of the rows is named, whatever the order of the bytes.
    @Test(arguments: [Double.nan, .infinity, -.infinity, .signalingNaN, 1e39])
    func `values that are no finite floats are named`(bad: Double) {
        for place in 0..<6 {
            var values = [Double](repeating: 1, count: 6)
            values[place] = bad
            let columns = [0, 3, 1, 4, 2, 5].map { values[$0] }
            let verdict = RequestError.notFinite(.element(row: place / 3, column: place % 3))
            for (order, stored) in [("False", values), ("True", columns)] {
                var array = ArrayBytes(
                    descriptor: "'<f8'", fortranOrder: order, data: elements(stored))
                #expect(failure(array) == verdict)
                array.descriptor = "'>f4'"
                array.data = stored.flatMap { bigEndian(Float($0).bitPattern) }
                #expect(failure(array) == verdict)
            }
        }
        #expect(
            RequestError.notFinite(.element(row: 3, column: 17)).description
                == "row 3, column 17 of the array is not finite as a 32-bit float")
    }

    @Test(arguments: [
        "", "{", "{'descr': '<f4'}", "{'descr': '<f4', 'fortran_order': 0, 'shape': (2, 3)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), 'x': 1}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-2, 3)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)} x",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 9223372036854775808)}",
    ])
    func `malformed headers are refused`(header: String) {
        let error = failure(ArrayBytes(data: Self.six, header: header))
        #expect(Verdict(error) == Verdict(400, "malformed_array", nil))
    }

    @Test(arguments: [(0, 0), (1, 1), (4, 0), (255, 0)] as [(UInt8, UInt8)])
    func `other versions are refused`(major: UInt8, minor: UInt8) {
        #expect(
            failure(ArrayBytes(version: (major, minor), data: Self.six))
                == .malformedArray(.unsupportedVersion(major: major, minor: minor)))
    }

    @Test(arguments: [
        "(9223372036854775807, 3)", "(4294967296, 4294967296)", "(4611686018427387904, 1)",
        "(9223372036854775807,)", "(3, 9223372036854775807)",
    ])
    func `sizes that overflow are refused`(shape: String) {
        for type in ["<f2", "<f4", ">f8"] {
            let error = failure(ArrayBytes(descriptor: "'\(type)'", shape: shape, data: Self.six))
            #expect(Verdict(error) == Verdict(400, "malformed_array", nil))
        }
    }

    @Test(arguments: [23, 25])
    func `the elements are as many as the header says`(count: Int) {
        #expect(
            failure(ArrayBytes(data: [UInt8](repeating: 0, count: count)))
                == .malformedArray(.lengthMismatch(declared: 24, found: count)))
        #expect(failure(ArrayBytes(descriptor: "'<f8'", data: Self.six))?.code == "malformed_array")
    }

    /// Long texts of a client do not come back to it.
    @Test func `messages are short`() {
        let long = String(repeating: "x", count: 9_000)
        let shape = String(repeating: "1,", count: 4000)
        let headers = [
            "{'\(long)': 1}", "{'descr': '\(long)', 'fortran_order': False, 'shape': (2, 3)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (\(shape))}",
        ]
        for header in headers {
            let error = failure(ArrayBytes(data: elements([1] as [Float]), header: header))
            #expect((error?.description.utf8.count ?? .max) < 512)
        }
    }
}
