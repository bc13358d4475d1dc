import Checkpoints
import NumPyFormat
import Testing

/// `.npy` files built by the format's description.
@Suite struct NumPyArrayTests {
    private func tensor(_ writer: ArrayWriter) throws -> Tensor {
        let checkpoint = try Checkpoint.read(writer.bytes, name: "a.npy")
        #expect(checkpoint.format == .npy)
        #expect(checkpoint.tensors.count == 1)
        return try #require(checkpoint[""])
    }

    private func expect(
        _ defect: ArrayDefect, _ writer: ArrayWriter,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let error = CheckpointError.array(path: "a.npy", member: "", defect: defect)
        #expect(throws: error, sourceLocation: sourceLocation) {
            try Checkpoint.read(writer.bytes, name: "a.npy")
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt8])
    func `all versions are read`(major: UInt8) throws {
        let writer = ArrayWriter(
            shape: "(2, 3)", version: (major, 0), data: floatBytes([1, 2, 3, 4, 5, -6.5]))
        let tensor = try tensor(writer)
        #expect(tensor.shape == [2, 3])
        #expect(tensor.elementCount == 6)
        #expect(tensor.elementType == .float32)
        #expect(try tensor.floats() == [1, 2, 3, 4, 5, -6.5])
    }

    @Test func `other versions are refused`() {
        for version: (UInt8, UInt8) in [(0, 0), (1, 1), (4, 0), (255, 0)] {
            expect(
                .unsupportedVersion(major: version.0, minor: version.1),
                ArrayWriter(version: version, data: floatBytes([1])))
        }
    }

    /// A 2×3 matrix whose columns lie one after the other.
    @Test func `Fortran order is undone`() throws {
        let matrix = try tensor(
            ArrayWriter(
                fortranOrder: "True", shape: "(2, 3)", data: floatBytes([11, 21, 12, 22, 13, 23])))
        #expect(try matrix.floats() == [11, 12, 13, 21, 22, 23])
    }

    /// Element [i, j, k] is 100i + 10j + k; Fortran order runs over i first.
    @Test func `Fortran order is undone in three dimensions`() throws {
        var stored: [Float] = []
        for k in 0..<4 { for j in 0..<3 { for i in 0..<2 { stored.append(value(i, j, k)) } } }
        var expected: [Float] = []
        for i in 0..<2 { for j in 0..<3 { for k in 0..<4 { expected.append(value(i, j, k)) } } }
        let cube = try tensor(
            ArrayWriter(fortranOrder: "True", shape: "(2, 3, 4)", data: floatBytes(stored)))
        #expect(try cube.floats() == expected)
    }

    private func value(_ i: Int, _ j: Int, _ k: Int) -> Float { Float(100 * i + 10 * j + k) }

    @Test func `scalars and empty arrays are read`() throws {
        let scalar = try tensor(ArrayWriter(data: floatBytes([7])))
        #expect(scalar.shape.isEmpty)
        #expect(scalar.elementCount == 1)
        #expect(try scalar.floats() == [7])
        for shape in ["(0,)", "(3, 0)", "(0, 9223372036854775807, 9223372036854775807)"] {
            for order in ["True", "False"] {
                let empty = try tensor(ArrayWriter(fortranOrder: order, shape: shape))
                #expect(empty.elementCount == 0)
                #expect(try empty.floats().isEmpty)
            }
        }
    }

    @Test func `keys come in any order and spacing`() throws {
        let headers = [
            "{'shape': (2,), 'fortran_order': False, 'descr': '<f4'}",
            "{\"descr\":\"<f4\",\"shape\":(2 , ),\"fortran_order\":False,}",
            "  { 'fortran_order' : False ,\t'descr' : '<f4' , 'shape' : ( 2, ) , }  ",
        ]
        for header in headers {
            let writer = ArrayWriter(data: floatBytes([1, 2]), header: header)
            #expect(try tensor(writer).floats() == [1, 2])
        }
    }

    /// Forms that NumPy itself reads by dropping the marks; it wrote them under Python 2.
    @Test(arguments: [
        ("(2L, 3L)", [2, 3]), ("(6L,)", [6]), ("(2L,3)", [2, 3]), ("(2, 3L,)", [2, 3]),
        ("( 2 L , 3\tL )", [2, 3]), ("(1L, 1L, 6L)", [1, 1, 6]),
    ])
    func `shapes of Python 2 are read`(text: String, shape: [Int]) throws {
        for version: (UInt8, UInt8) in [(1, 0), (2, 0)] {
            let writer = ArrayWriter(
                shape: text, version: version, data: floatBytes([1, 2, 3, 4, 5, 6]))
            let tensor = try tensor(writer)
            #expect(tensor.shape == shape)
            #expect(try tensor.floats() == [1, 2, 3, 4, 5, 6])
        }
        let empty = try tensor(ArrayWriter(shape: "(0L, 4L)"))
        #expect(empty.shape == [0, 4])
    }

    @Test func `texts of Python 2 are read`() throws {
        let header = "{u'descr': u'<f4', u'fortran_order': False, u\"shape\": (2L,), }"
        let writer = ArrayWriter(data: floatBytes([8, 9]), header: header)
        #expect(try tensor(writer).floats() == [8, 9])
    }

    @Test(arguments: [
        "", "{", "}", "{'descr'", "{'descr': '<f4", "{'descr' '<f4'}", "{'descr': <f4}",
        "{'descr': '<f4' 'shape': ()}", "{,}", "{'descr': '\\x3cf4'}", "{'fortran_order': 0}",
        "{'fortran_order': Tru}", "{'shape': 3}", "{'shape': (3)}", "{'shape': (3 4)}",
        "{'shape': (3LL,)}", "{'shape': (L,)}", "{'shape': (3l,)}", "{'shape': (3L)}",
        "{'shape': (3 4L)}", "{ur'shape': (3,)}", "{U'shape': (3,)}", "{u: (3,)}",
        "{'shape': (,)}", "{'shape': (-1,)}", "{'shape': (0x3,)}", "{'shape': (3,}",
        "{'shape': (9223372036854775808,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': ()} 1",
        "{'descr': '<f4', 'fortran_order': False, 'shape': ()}}",
    ])
    func `malformed headers are refused`(header: String) {
        let writer = ArrayWriter(data: floatBytes([1]), header: header)
        #expect {
            try Checkpoint.read(writer.bytes, name: "a.npy")
        } throws: { error in
            guard case .array(_, _, .malformedHeader) = error as? CheckpointError else {
                return false
            }
            return true
        }
    }

    @Test func `keys are exactly the three`() {
        let order = "'fortran_order': False"
        for (header, defect): (String, ArrayDefect) in [
            ("{'descr': '<f4', \(order)}", .missingKey("shape")),
            ("{'descr': '<f4', 'shape': ()}", .missingKey("fortran_order")),
            ("{'shape': (), \(order)}", .missingKey("descr")),
            ("{\(order), \(order)}", .repeatedKey("fortran_order")),
            ("{'shape': (), 'order': 'C'}", .unknownKey("order")),
        ] {
            expect(defect, ArrayWriter(data: floatBytes([1]), header: header))
        }
    }

    @Test func `objects records and foreign types are refused`() {
        expect(.objects, ArrayWriter(descriptor: "'|O'"))
        expect(.structured, ArrayWriter(descriptor: "[('a', '<f4'), ('b', '<i4')]"))
        expect(.structured, ArrayWriter(descriptor: "('<f4', (2,))"))
        for type in ["|V1", "<V4", ">V2", "<c8", "<f16", "|S3", "<U4", "f4", "=f4", "|f4", ""] {
            expect(.unsupportedType(type), ArrayWriter(descriptor: "'\(type)'"))
        }
    }

    @Test func `data must be as long as shape and type say`() {
        for count in [7, 9] {
            expect(
                .lengthMismatch(declared: 8, found: count),
                ArrayWriter(shape: "(2,)", data: [UInt8](repeating: 0, count: count)))
        }
        expect(.lengthMismatch(declared: 4, found: 0), ArrayWriter())
    }

    @Test(arguments: [
        "(9223372036854775807,)", "(9223372036854775807, 2)", "(4294967296, 4294967296)",
    ])
    func `overflowing shapes are refused`(shape: String) {
        let error = CheckpointError.tensor(path: "a.npy", name: "", defect: .sizeOverflow)
        #expect(throws: error) {
            try Checkpoint.read(ArrayWriter(shape: shape).bytes, name: "a.npy")
        }
    }

    /// Six bytes tell the format; the version and the header's length are another four or six.
    @Test(arguments: [(1, 6..<10), (2, 6..<12)] as [(UInt8, Range<Int>)])
    func `what ends before its header is truncated`(major: UInt8, counts: Range<Int>) {
        let bytes = ArrayWriter(version: (major, 0), data: floatBytes([1])).bytes
        for count in counts {
            let error = CheckpointError.array(
                path: "a.npy", member: "", defect: .truncated(byteCount: count))
            #expect(throws: error) {
                try Checkpoint.read(Array(bytes[..<count]), name: "a.npy")
            }
        }
    }

    @Test func `a header longer than the file is truncated`() {
        let writer = ArrayWriter(version: (2, 0), headerByteCount: 4096)
        #expect {
            try Checkpoint.read(writer.bytes, name: "a.npy")
        } throws: { error in
            guard case .truncated(_, _, 12, 4096, _) = error as? CheckpointError else {
                return false
            }
            return true
        }
    }
}
