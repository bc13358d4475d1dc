import Foundation
import FuzzChecks
import Testing

/// Every input that fuzzing keeps, through the check that the fuzzer runs.
@Suite struct FuzzCorpusTests {
    @Test(arguments: FuzzTarget.allCases)
    func `every kept input keeps the promises`(target: FuzzTarget) throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: target.corpus)
        #expect(!files.isEmpty)
        for file in files.sorted() {
            let data = try Data(contentsOf: URL(fileURLWithPath: target.corpus + "/" + file))
            #expect(throws: Never.self, "\(file)") { try target.check([UInt8](data)) }
        }
    }
}
