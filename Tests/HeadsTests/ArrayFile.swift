import Checkpoints
import Fixtures
import LogitKernels

@testable import Heads

/// A checkpoint made by a test: named arrays in a `.npz` archive. Names may be those of any
/// implementation; recognition does not ask for the container.
struct ArrayFile {
    struct Array {
        var name: String
        var shape: [Int]
        var values: [Float]
        /// As 64-bit integers instead of float32.
        var areIntegers = false
        /// Pairs of float32 as complex numbers, which nothing reads.
        var areComplex = false
        /// As bytes that are 0 or 1.
        var areTruthValues = false
        /// In place of the values: texts of at most eight code points.
        var texts: [String] = []
    }

    var arrays: [Array] = []

    static let path = "made/checkpoint.npz"

    subscript(name: String) -> Array? {
        get { arrays.first { $0.name == name } }
        set {
            arrays.removeAll { $0.name == name }
            if let newValue { arrays.append(newValue) }
        }
    }

    /// Random weights between -1 and 1.
    mutating func add(_ name: String, _ shape: [Int], _ random: inout SeededRandom) {
        self[name] = Array(
            name: name, shape: shape, values: random.floats(shape.reduce(1, *)))
    }

    func checkpoint() throws -> Checkpoint { try Checkpoint.read(archive, name: Self.path) }

    /// A `.npy` file: one array without a name.
    static func lone(_ shape: [Int], _ values: [Float]) throws -> Checkpoint {
        try Checkpoint.read(
            npy(Array(name: "", shape: shape, values: values)), name: "made/matrix.npy")
    }

    func report(_ manifest: ModelManifest) throws -> HeadReport {
        try HeadRecognition(manifest: manifest, checkpoint: try checkpoint()).report()
    }

    func head(_ manifest: ModelManifest) throws -> any Head {
        try HeadRecognition(manifest: manifest, checkpoint: try checkpoint()).head()
    }

    /// The text a load is refused with; nil when it is not.
    func refusal(_ manifest: ModelManifest = ModelManifest()) throws -> String? {
        let checkpoint = try checkpoint()
        do throws(ModelError) {
            _ = try HeadRecognition(manifest: manifest, checkpoint: checkpoint).head()
            return nil
        } catch {
            return "\(error)"
        }
    }

    // MARK: The archive

    /// The bytes of the `.npz`.
    var archive: [UInt8] {
        var file: [UInt8] = []
        var directory: [UInt8] = []
        for array in arrays {
            let (name, data) = (Swift.Array((array.name + ".npy").utf8), Self.npy(array))
            let sizes =
                little(Self.checksum(data), 4) + little(data.count, 4)
                + little(data.count, 4) + little(name.count, 2) + little(0, 2)
            let offset = file.count
            file += [0x50, 0x4b, 3, 4] + little(20, 2) + little(0, 8) + sizes + name + data
            directory += [0x50, 0x4b, 1, 2] + little(20, 2) + little(20, 2) + little(0, 8) + sizes
            directory += little(0, 10) + little(offset, 4) + name
        }
        let start = file.count
        return file + directory + [0x50, 0x4b, 5, 6] + little(0, 4) + little(arrays.count, 2)
            + little(arrays.count, 2) + little(directory.count, 4) + little(start, 4)
            + little(0, 2)
    }

    private static func npy(_ array: Array) -> [UInt8] {
        let sizes = array.shape.map { "\($0)," }.joined()
        let numbers =
            array.areTruthValues
            ? "|b1" : array.areIntegers ? "<i8" : array.areComplex ? "<c8" : "<f4"
        let type = array.texts.isEmpty ? numbers : "<U8"
        var header = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(sizes)), }"
        header += String(repeating: " ", count: 63 - (10 + header.utf8.count) % 64) + "\n"
        let texts = array.texts.flatMap { text in
            text.unicodeScalars.flatMap { little(Int($0.value), 4) }
                + little(0, 4 * (8 - text.unicodeScalars.count))
        }
        let data =
            texts
            + array.values.flatMap { value in
                array.areTruthValues
                    ? [UInt8(value)]
                    : array.areIntegers
                        ? little(Int(value), 8) : little(Int(value.bitPattern), 4)
            }
        return [0x93] + Swift.Array("NUMPY".utf8) + [1, 0] + little(header.utf8.count, 2)
            + Swift.Array(header.utf8) + data
    }

    private static func checksum(_ bytes: [UInt8]) -> Int {
        var sum: UInt32 = .max
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum >> 1 ^ (sum & 1 == 1 ? 0xedb8_8320 : 0) }
        }
        return Int(~sum)
    }
}

private func little(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 < 8 ? value >> (8 * $0) : 0) }
}
