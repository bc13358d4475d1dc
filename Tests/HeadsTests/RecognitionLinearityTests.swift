import Checkpoints
import Glibc
import Predictions
import Testing

@testable import Heads

/// The work of recognising a head, by the processor's time for this thread alone. Three times the
/// tensors take three times the work and a little more; where each of them looked at all others,
/// they would take nine times it.
@Suite struct RecognitionLinearityTests {
    /// Tensors of a file of `count` parts, and the keys of its `model.json`.
    struct Layout: CustomTestStringConvertible, Sendable {
        let testDescription: String
        var keys = ""
        /// Once a file.
        var common: [(String, [Int])] = []
        let part: @Sendable (Int) -> [(String, [Int])]

        /// A safetensors file of zeros.
        func file(count: Int) -> [UInt8] {
            var end = 0
            let entries = ((0..<count).flatMap(part) + common).map { name, shape in
                let start = end
                end += 4 * shape.reduce(1, *)
                return #""\#(name)":{"dtype":"F32","shape":\#(shape),"#
                    + #""data_offsets":[\#(start),\#(end)]}"#
            }
            let header = Array("{\(entries.joined(separator: ","))}".utf8)
            let length = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) }
            return length + header + [UInt8](repeating: 0, count: end)
        }
    }

    static let layouts: [Layout] = [
        Layout(testDescription: "a list of layers") { [("heads.\($0).weight", [2, 3])] },
        Layout(testDescription: "the same as dense", keys: #""head": "dense""#) {
            [("heads.\($0).weight", [2, 3])]
        },
        Layout(testDescription: "a sequence") { [("classifier.\($0).weight", [3, 3])] },
        Layout(testDescription: "many lists", keys: #""head": "mhp""#) {
            [("x\($0).heads.0.weight", [2, 3]), ("x\($0).heads.1.weight", [2, 3])]
        },
        Layout(testDescription: "heads with noise") {
            let layers = ["x\($0)/loc_layer", "x\($0)/diag_layer"]
            return layers.flatMap { [($0 + "/kernel", [3, 2]), ($0 + "/bias", [2])] }
        },
        Layout(testDescription: "wrapped heads with noise", common: [("model.fc.weight", [4, 3])]) {
            [
                ("x\($0)._classifier.weight", [2, 3]), ("model.l\($0).weight", [5, 3]),
                ("x\($0)._diagonal_std_layer.weight", [2, 3]),
            ]
        },
        Layout(testDescription: "heads of the JAX code") {
            [("x\($0)/head/kernel", [3, 2]), ("x\($0)/head/bias", [2])]
        },
        Layout(testDescription: "cascades") {
            [
                ("x\($0).group.weight", [2, 3]), ("x\($0).group.bias", [2]),
                ("x\($0).classifier.weight", [2, 3]), ("x\($0).classifier.bias", [2]),
                ("x\($0).embed.weight", [4, 2]),
            ]
        },
        Layout(testDescription: "modules of one name", keys: #""prefix": "net""#) {
            [("x\($0).net.head.fc.weight", [2, 3])]
        },
        Layout(
            testDescription: "parts of the head's module",
            keys: #""head": "dense", "link": "softmax""#, common: [("head.fc.weight", [2, 3])]
        ) { [("head.x\($0).weight", [3, 3])] },
        Layout(
            testDescription: "layers before the head",
            keys: #""head": "dense", "link": "softmax""#, common: [("fc.weight", [2, 3])]
        ) { [("x\($0).pooler.dense.weight", [3, 3])] },
        Layout(testDescription: "linear models") {
            [("x\($0).coef_", [2, 3]), ("x\($0).intercept_", [2])]
        },
    ]

    /// Time of the processor for this thread, in nanoseconds.
    private static var now: UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// The least of a few measurements: other threads only add to it.
    private static func work(_ layout: Layout, count: Int) throws -> UInt64 {
        let checkpoint = try Checkpoint.read(layout.file(count: count), name: "t")
        let manifest = try ManifestKeyTests.parse("{\(layout.keys)}")
        var least = UInt64.max
        for _ in 0..<2 {
            let start = now
            _ = try? HeadRecognition(manifest: manifest, checkpoint: checkpoint).report()
            least = min(least, now - start)
        }
        return least
    }

    @Test(arguments: layouts)
    func `work grows as tensors do`(_ layout: Layout) throws {
        // A machine may take time away from the thread that counts as its own; quadratic work
        // fails each time.
        var seen: [(few: UInt64, many: UInt64)] = []
        repeat {
            seen.append(
                (try Self.work(layout, count: 1500), try Self.work(layout, count: 4500)))
        } while seen.count < 5 && !seen.contains { $0.many <= 5 * $0.few }
        #expect(seen.contains { $0.many <= 5 * $0.few }, "\(seen)")
    }
}
