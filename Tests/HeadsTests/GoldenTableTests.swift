import Fixtures
import Foundation
import Predictions
import Testing

@testable import Heads

/// The golden check's table: each HET and HET-XL fixture with its reference as the author's
/// answers, as it is and wrong in one thing, for 100 and 1,000 samples in model.json.
///
/// `HEADSERVE_PRINT_TABLES=1` prints it; `HEADSERVE_GOLDEN_AUTHORS=200` draws that many authors of
/// each fixture.
@Suite struct GoldenTableTests {
    static let sampleCounts = [100, 1000]
    private static let engine = ComputeEngine.threads(2)
    private static let environment = ProcessInfo.processInfo.environment
    private static let prints = environment["HEADSERVE_PRINT_TABLES"] != nil
    private static let authorCount = environment["HEADSERVE_GOLDEN_AUTHORS"].flatMap { Int($0) }

    /// The answers of the fixtures as they are, which several tests compare with others' answers.
    private static let rows = Result {
        try Dictionary(
            uniqueKeysWithValues: HeteroscedasticFixtureTests.fixtures.map {
                ($0, try GoldenFolder($0).sampledRows(engine))
            })
    }

    private static func rows(_ name: String) throws -> [SampledRow] {
        try #require(try rows.get()[name])
    }

    /// The verdicts for both sample counts, with a line of the table.
    private static func verdicts(
        _ name: String, _ change: GoldenFolder.Change
    ) throws -> [GoldenVerdict] {
        let folder = try GoldenFolder(name, change)
        let rows = try change.isOfHead ? folder.sampledRows(engine) : rows(name)
        let verdicts = try sampleCounts.map {
            try folder.verdict(
                rows, folder.outputs.probabilities, sampleCount: $0)
        }
        if prints {
            var differences = GoldenDifferences()
            for (expected, found) in zip(folder.outputs.probabilities, rows.flatMap(\.means)) {
                differences.add(Double(expected) - found)
            }
            let numbers = [differences.max, differences.mean].map { String(format: "%.5f", $0) }
            let cells = [name, "\(change)"] + numbers + verdicts.map(\.rawValue)
            print("| " + cells.joined(separator: " | ") + " |")
        }
        return verdicts
    }

    @Test(arguments: HeteroscedasticFixtureTests.fixtures)
    func `fixtures load as they are`(_ name: String) throws {
        #expect(try Self.verdicts(name, .none) == [.loads, .loads])
    }

    /// Those whose temperature is learned within bounds.
    static let bounded: [(String, [Double])] = [
        ("hetxl-sigmoid-efficient", [0.05, 5]), ("hetxl-softmax-bfloat16", [0.05, 5]),
        ("hetxl-softmax-efficient", [0.05, 5]), ("hetxl-softmax-full", [0.3, 3]),
        ("hetxl-softmax-independent", [0.05, 5]), ("hetxl-softmax-wide", [0.05, 5]),
    ]

    private static let bounds = [[0.3, 3], [0.05, 5], [0.1, 10], [0.5, 1.5]]

    @Test(arguments: bounded)
    func `other temperature bounds are refused`(_ name: String, _ right: [Double]) throws {
        // A thousand classes take a debug build seconds.
        let others = name == "hetxl-softmax-wide" ? [[0.1, 10]] : Self.bounds
        for bounds in others where bounds != right {
            let verdicts = try Self.verdicts(name, .bounds(bounds[0], bounds[1]))
            #expect(!verdicts.contains(.loads), "\(bounds)")
        }
    }

    /// Both laws give the sigmoid heads' probabilities within a hundredth, which takes more
    /// samples to see; a HET head's within a fortieth.
    @Test(arguments: HeteroscedasticFixtureTests.fixtures)
    func `the other noise law is refused where it shows`(_ name: String) throws {
        let verdicts = try Self.verdicts(name, .noise)
        #expect((verdicts[1] == .loads) == name.contains("sigmoid"))
        if name == "hetxl-softmax-diagonal" { #expect(verdicts[0] != .loads) }
    }

    @Test(arguments: ["het-sigmoid-full", "hetxl-pytorch-url", "hetxl-softmax-full"])
    func `the other reshape order is refused`(_ name: String) throws {
        #expect(try GoldenFolder(name).hasReshape)
        #expect(try !Self.verdicts(name, .reshape).contains(.loads))
    }

    @Test(arguments: HeteroscedasticFixtureTests.fixtures)
    func `two labels exchanged are refused`(_ name: String) throws {
        for first in [0, 2, 4] {
            let verdicts = try Self.verdicts(name, .labels(first, first + 1))
            #expect(!verdicts.contains(.loads), "labels \(first) and \(first + 1)")
        }
    }

    /// Half of the authors share their draws among rows. A class goes beyond its limit once in 10⁴
    /// authors, all together once in 10⁶.
    @Test(arguments: HeteroscedasticFixtureTests.fixtures, sampleCounts)
    func `right files of authors who drew few samples load`(
        _ name: String, _ sampleCount: Int
    ) throws {
        let folder = try GoldenFolder(name)
        let rows = try Self.rows(name)
        let count = Self.authorCount ?? (name == "hetxl-softmax-wide" ? 2 : 16)
        for number in 0..<count {
            let author = try folder.author(
                number, sampleCount: sampleCount, sharesDraws: number.isMultiple(of: 2),
                Self.engine)
            let verdict = try folder.verdict(
                rows, author, sampleCount: sampleCount)
            #expect(verdict == .loads, "author \(number)")
        }
    }

    /// No class of 64 rows is beyond its limit, but each is off by four of the author's standard
    /// errors: T is about 12. Four rows of them alone leave T below one.
    @Test func `classes that all move a little are refused together`() throws {
        var random = SeededRandom(seed: 11)
        let features = random.floats(64 * 12)
        let folder = try GoldenFolder(
            "hetxl-softmax-full", features: features, probabilities: [])
        let rows = try folder.sampledRows(Self.engine)
        func moved(_ count: Int) -> [Float] {
            rows.enumerated().flatMap { index, row in
                row.means.indices.map { k in
                    let error = (row.variances[k] / 1000).squareRoot()
                    let shift = index < count ? (k.isMultiple(of: 2) ? 4.0 : -4) * error : 0
                    return Float(min(max(row.means[k] + shift, 0), 1))
                }
            }
        }
        let verdicts = try [0, 4, 64].map {
            try folder.verdict(rows, moved($0), sampleCount: 1000)
        }
        #expect(verdicts == [.loads, .loads, .allDiffer])
    }
}
