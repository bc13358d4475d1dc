import Fixtures
import Foundation
import Predictions
import Testing

@testable import Heads

/// NumPy arrays that a test writes: format 1.0, little-endian, in C order.
enum CalibrationArray {
    static func write(_ values: [Float], _ shape: [Int], to path: String) throws {
        try write(values.map(\.bitPattern.littleEndian), "<f4", shape, to: path)
    }

    static func write(_ values: [Int], _ shape: [Int], to path: String) throws {
        try write(values.map { Int64($0).littleEndian }, "<i8", shape, to: path)
    }

    private static func write<Element>(
        _ values: [Element], _ type: String, _ shape: [Int], to path: String
    ) throws {
        let sizes = shape.map { "\($0), " }.joined()
        let header = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(sizes)), }\n"
        var data = Data([0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0])
        data.append(contentsOf: header.utf8)
        unsafe values.withUnsafeBytes { unsafe data.append(contentsOf: $0) }
        try data.write(to: URL(filePath: path))
    }
}

/// Rows with their labels from files: what fits is read, and everything else refused by name.
@Suite struct LabelledRowsTests {
    private static let width = 64

    /// Reads two rows and a file of labels; the text of the refusal where they are refused, with
    /// `x` and `y` in the places of the paths.
    private static func read(
        features: [Float] = [Float](repeating: 0.5, count: 128), shape: [Int] = [2, 64],
        labels: (String) throws -> Void = { try CalibrationArray.write([3, 9], [2], to: $0) },
        model: String = "digits-mhs"
    ) throws -> (labels: [Int], first: FeatureRows?, refusal: String) {
        let folder = NSTemporaryDirectory() + "headserve-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let (x, y) = (folder + "/x", folder + "/y")
        try CalibrationArray.write(features, shape, to: x)
        try labels(y)
        let model = try Model.load(path: Fixtures.demoModel(model))
        do {
            let rows = try LabelledRows(features: x, labels: y, of: model)
            return (rows.labels, try rows.features(1..<2), "")
        } catch {
            let text = "\(error)".replacing(x, with: "x").replacing(y, with: "y")
            return ([], nil, text)
        }
    }

    private static func text(_ text: String) -> (String) throws -> Void {
        { try text.write(toFile: $0, atomically: true, encoding: .utf8) }
    }

    @Test func `rows and labels are read`() throws {
        var features = [Float](repeating: 0.5, count: 128)
        features[64] = -2
        let found = try Self.read(features: features)
        #expect(found.refusal == "" && found.labels == [3, 9])
        #expect(found.first?.denseRow(0) == Array(features[64...]))
    }

    @Test func `labels stand in a column, or by name in a text`() throws {
        #expect(
            try Self.read(labels: { try CalibrationArray.write([3, 9], [2, 1], to: $0) }).labels
                == [3, 9])
        #expect(try Self.read(labels: Self.text("3\n9\n")).labels == [3, 9])
    }

    @Test(arguments: [
        ([2, 32], "x: expected a .npy of [rows, 64] numbers, as the model's inputs are, not of"),
        ([128], "x: expected a .npy of [rows, 64] numbers"),
        ([0, 64], "x: it has 0 rows; a calibration takes from 1 to 1000000"),
    ])
    func `features of another shape are refused`(_ shape: [Int], _ expected: String) throws {
        let count = shape.reduce(1, *)
        let found = try Self.read(features: [Float](repeating: 0, count: count), shape: shape)
        #expect(found.refusal.hasPrefix(expected))
    }

    @Test func `a number that is not finite is refused`() throws {
        var features = [Float](repeating: 0.5, count: 128)
        features[67] = .infinity
        #expect(
            try Self.read(features: features).refusal
                == "x: row 1, column 3 is inf, which is no finite float32")
    }

    @Test func `labels that are none are refused`() throws {
        for (label, isRead) in [(-1, false), (0, true), (9, true), (10, false)] {
            let found = try Self.read(labels: {
                try CalibrationArray.write([0, label], [2], to: $0)
            })
            #expect(
                found.refusal
                    == (isRead ? "" : "y: row 1 has label \(label); the model's are 0 to 9"))
        }
        #expect(
            try Self.read(labels: Self.text("3\neight\n")).refusal
                == "y, line 2: the model has no label called 'eight'; labels stand here by name, "
                + "and indices in a .npy of integers")
        #expect(
            try Self.read(labels: Self.text("3\n")).refusal
                == "y: it has 1 labels, and x has 2 rows; each row needs one label")
        #expect(
            try Self.read(labels: { try CalibrationArray.write([3, 9], [1, 2], to: $0) }).refusal
                == "y: expected one label a row, not an array of [1, 2]")
        #expect(
            try Self.read(labels: { try CalibrationArray.write([3, 9] as [Float], [2], to: $0) })
                .refusal.hasPrefix("y: expected whole numbers, the labels' indices, or a text"))
    }
}
