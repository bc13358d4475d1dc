import Fixtures
import Testing

@testable import Checkpoints

/// Elements block by block and row by row, held against their positions in the array.
@Suite struct TensorBlockTests {
    private static let rowCount = 5
    private static let width = 7

    /// Element [i, j] of a 5×7 array is 100 i + j.
    private static let expected = (0..<rowCount).flatMap { i in
        (0..<width).map { Float(100 * i + $0) }
    }

    private static func array(isFortranOrder: Bool = false) -> [UInt8] {
        let values =
            isFortranOrder
            ? (0..<width).flatMap { j in (0..<rowCount).map { Float(100 * $0 + j) } } : expected
        return ArrayWriter(
            fortranOrder: isFortranOrder ? "True" : "False", shape: "(\(rowCount), \(width))",
            data: floatBytes(values)
        ).bytes
    }

    /// The array in each way it may lie in a file: alone, stored, deflated, in Fortran order,
    /// big-endian, and stored at odd addresses.
    private static func tensors() throws -> [Tensor] {
        var deflated = ZipWriter.Member("a.npy", array())
        deflated.method = 8
        var fortran = ZipWriter.Member("b.npy", array(isFortranOrder: true))
        fortran.method = 8
        let odd = (1...3).map {
            ZipWriter.Member("odd" + String(repeating: "x", count: $0) + ".npy", array())
        }
        let big = ArrayWriter(
            descriptor: "'>f4'", shape: "(\(rowCount), \(width))",
            data: expected.flatMap { little($0.bitPattern).reversed() })
        let archive = ZipWriter([deflated, fortran] + odd).bytes
        return try Checkpoint.read(archive, name: "z").tensors
            + Checkpoint.read(array(), name: "plain").tensors
            + Checkpoint.read(array(isFortranOrder: true), name: "fortran").tensors
            + Checkpoint.read(big.bytes, name: "big").tensors
    }

    @Test func `blocks of every length give the elements in order`() throws {
        let count = Self.expected.count
        for tensor in try Self.tensors() {
            for blockCount in 1...count + 1 {
                var values: [Float] = []
                var lengths: [Int] = []
                try tensor.forEachBlock(of: blockCount) { block in
                    lengths.append(block.count)
                    for index in block.indices { values.append(block[index]) }
                }
                #expect(values == Self.expected)
                #expect(lengths.dropLast().allSatisfy { $0 == blockCount })
                #expect(lengths.reduce(0, +) == count && (lengths.last ?? 0) <= blockCount)
            }
        }
    }

    @Test func `any range of rows can be read`() throws {
        for tensor in try Self.tensors() {
            let rows = try tensor.rows()
            #expect(rows.rowCount == Self.rowCount && rows.width == Self.width)
            for first in 0...Self.rowCount {
                for end in first...Self.rowCount {
                    let values = rows.withRows(first..<end) { span in
                        span.indices.map { span[$0] }
                    }
                    #expect(values == Array(Self.expected[first * 7..<end * 7]))
                }
            }
        }
    }

    /// Every touch of a row lets all pages go.
    @Test func `pages let go are read again`() throws {
        let checkpoint = try Checkpoint.open(
            Fixtures.folder("mhe/mhc-2heads") + "/checkpoint.pth")
        let tensor = try #require(checkpoint["embed.weight"])
        let before = try tensor.floats()
        let rows = try TensorRows(tensor, maxResidentBytes: 1)
        for row in 0..<rows.rowCount {
            let values = rows.withRows(row..<row + 1) { span in span.indices.map { span[$0] } }
            #expect(values == Array(before[row * rows.width..<(row + 1) * rows.width]))
        }
        #expect(try tensor.floats() == before)
    }

    @Test func `the budget counts what a fault may map`() {
        let unit = ResidentBudget.granularity
        let limit = 4 * unit
        for (range, count) in [
            (0..<1, 1), (0..<unit, 1), (0..<unit + 1, 2), (unit - 1..<unit + 1, 2), (5..<5, 1),
            (0..<0, 1), (0..<4 * unit, 4), (0..<9 * unit, 9),
        ] {
            let budget = ResidentBudget(maxBytes: limit)
            for touch in 1...8 {
                let perRelease = max(1, (4 + count - 1) / count)
                // A place of its own for each.
                let place = touch * 10 * unit
                let moved = place + range.lowerBound..<place + range.upperBound
                #expect(budget.touch(moved) == touch.isMultiple(of: perRelease))
            }
        }
    }

    @Test func `the budget counts a place once between releases`() {
        let unit = ResidentBudget.granularity
        let budget = ResidentBudget(maxBytes: 3 * unit)
        for _ in 0..<2 {
            for _ in 0..<5 {
                #expect(!budget.touch(70 * unit..<70 * unit + 1))
                #expect(!budget.touch(unit - 1..<unit))
            }
            #expect(budget.touch(500 * unit..<501 * unit))
        }
    }

    /// An error of the checksum is found whichever way a tensor is read, also when it is empty.
    @Test(arguments: [UInt16(0), 8])
    func `every way of reading finds damage`(method: UInt16) throws {
        for array in [Self.array(), Self.array(isFortranOrder: true), Self.empty] {
            var member = ZipWriter.Member("a.npy", array)
            member.method = method
            member.checksum = 1
            let tensor = try #require(
                try Checkpoint.read(ZipWriter([member]).bytes, name: "z")["a"])
            #expect(throws: CheckpointError.self) { try tensor.forEachBlock(of: 3) { _ in } }
            #expect(throws: CheckpointError.self) { try tensor.floats() }
            #expect(throws: CheckpointError.self) { try tensor.rows() }
            #expect(throws: CheckpointError.self) { try tensor.doubles() }
        }
    }

    private static let empty = ArrayWriter(shape: "(0, 7)").bytes

    /// Damage in a member that nobody reads harms nothing, as when an optimiser's state is passed
    /// over.
    @Test func `members that are not read are not checked`() throws {
        var damaged = ZipWriter.Member("unused.npy", Self.array())
        damaged.checksum = 1
        let members = [damaged, ZipWriter.Member("used.npy", Self.array())]
        let checkpoint = try Checkpoint.read(ZipWriter(members).bytes, name: "z")
        #expect(try checkpoint["used"]?.floats() == Self.expected)
    }

    /// A file may name any stride where no element is reached over it.
    @Test(arguments: [[1, 4], [4, 1], [0, 4], [4, 0], [1, 1]])
    func `strides that reach nothing are harmless`(shape: [Int]) throws {
        let stride = Int.max
        let layout = try TensorLayout(
            elementType: .float32, shape: shape,
            strides: shape.map { $0 <= 1 || shape.contains(0) ? stride : 1 }, firstElement: 0,
            storageCount: 4, baseByte: 0, isBigEndian: false)
        let contents = MemberContents(ByteView(floatBytes([1, 2, 3, 4])), path: "f", name: "")
        let tensor = Tensor(name: "t", layout: layout, contents: contents)
        let expected: [Float] = Array([1, 2, 3, 4].prefix(shape[0] * shape[1]))
        #expect(try tensor.floats() == expected)
        let rows = try tensor.rows()
        let values = (0..<shape[0]).flatMap { row in
            rows.withRows(row..<row + 1) { span in span.indices.map { span[$0] } }
        }
        #expect(values == expected)
    }
}
