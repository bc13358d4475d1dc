import Checkpoints
import Fixtures
import Foundation
import Testing

/// Checkpoints cut short: always a typed error, unless what is left is as good as the whole.
@Suite struct TruncationTests {
    /// All that a reader gets out of a file.
    private struct Content: Equatable {
        var shapes: [String: [Int]] = [:]
        var elements: [String: [UInt32]] = [:]
        var attributes: [String: AttributeValue] = [:]

        init(_ bytes: [UInt8]) throws(CheckpointError) {
            let checkpoint = try Checkpoint.read(bytes, name: "cut")
            attributes = checkpoint.attributes
            for tensor in checkpoint.tensors {
                shapes[tensor.name] = tensor.shape
                elements[tensor.name] = try tensor.floats().map(\.bitPattern)
            }
        }
    }

    /// The files of the fixtures and the demo models that no JSON or text is.
    private static let files: [String] = {
        let folders = [Fixtures.folder("het"), Fixtures.folder("mhe"), Fixtures.demoModel("")]
        return folders.flatMap { folder in
            (FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? [])
                .filter { !$0.hasSuffix(".json") && !$0.hasSuffix(".txt") && $0.contains(".") }
                .map { folder + "/" + $0 }
        }
    }()

    @Test func `there is something to cut`() { #expect(Self.files.count > 40) }

    @Test(arguments: files)
    func `every cut is refused or harmless`(file: String) throws {
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
        // Nil for files that are not read at all; then no part of them may be read either.
        let whole = try? Content(bytes)
        bytes.removeLast()
        var harmful: [Int] = []
        while true {
            let isHarmful = isReadDifferently(bytes, whole)
            if isHarmful { harmful.append(bytes.count) }
            if bytes.isEmpty { break }
            bytes.removeLast((bytes.count - 1) % 64 + 1)
        }
        #expect(harmful.isEmpty)
    }

    private func isReadDifferently(_ bytes: [UInt8], _ whole: Content?) -> Bool {
        do throws(CheckpointError) {
            return try Content(bytes) != whole
        } catch {
            return !error.description.hasPrefix("cut: ")
        }
    }

    @Test func `every truncation of an array is an error`() throws {
        let whole = ArrayWriter(shape: "(3,)", data: floatBytes([1, 2, 3])).bytes
        for cut in 0..<whole.count {
            #expect(throws: CheckpointError.self) { try Content(Array(whole[..<cut])) }
        }
    }

    @Test(arguments: [LegacyFile.protocol2, LegacyFile.protocol5, LegacyFile.python2])
    func `every truncation of a legacy file is an error`(file: LegacyFile) throws {
        let whole = try file.bytes
        for cut in 0..<whole.count {
            #expect(throws: CheckpointError.self, "cut at \(cut)") {
                try Content(Array(whole[..<cut]))
            }
        }
    }
}
