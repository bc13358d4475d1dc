import Fixtures
import Foundation
import Testing

@testable import Heads

/// The files of a model's folder: those that are missing, and the labels that inspection finds.
@Suite struct ModelFolderTests {
    /// Calls `body` with a folder of three classes in `model.npz`, with `classes_` of texts.
    private func withFolder(
        _ manifest: String, others: [String] = [], _ body: (String) throws -> Void
    ) throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "headserve-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var file = LinearModelTests.file(rows: 3)
        file["classes_"] = .init(
            name: "classes_", shape: [3], values: [], texts: ["red", "green", "blue"])
        try Data(file.archive).write(to: folder.appending(path: "model.npz"))
        try Data(manifest.utf8).write(to: folder.appending(path: "model.json"))
        for name in others { try Data("x".utf8).write(to: folder.appending(path: name)) }
        try body(folder.path)
    }

    private func refusal(_ folder: String) throws -> String? {
        do {
            _ = try Model.load(path: folder)
            return nil
        } catch {
            return "\(error)".replacing(folder, with: "my-head")
        }
    }

    /// The name most like the one that was meant comes first.
    @Test func `a checkpoint that is missing is told from those that are there`() throws {
        let manifest = #"{"checkpoint": "modle.npz", "head": "dense", "link": "softmax"}"#
        try withFolder(manifest, others: ["expected.npz", "a.txt", ".hidden"]) { folder in
            let found = try refusal(folder)
            #expect(
                found == "my-head/modle.npz: there is no such file, which model.json "
                    + "names as 'checkpoint'; beside it there is model.npz, a.txt")
        }
        let names = (0..<12).map { "file-\($0 + 10)" }
        try withFolder(manifest, others: names) { folder in
            let found = try refusal(folder)
            #expect(
                found?.hasSuffix(
                    "model.npz, file-10, file-11, file-12, file-13, file-14, file-15, file-16 and "
                        + "5 more") == true)
        }
    }

    @Test func `so are labels`() throws {
        let manifest =
            #"{"checkpoint": "model.npz", "head": "dense", "link": "softmax", "labels": "l.txt"}"#
        try withFolder(manifest) { folder in
            let found = try refusal(folder)
            #expect(
                found == "my-head/l.txt: there is no such file, which model.json "
                    + "names as 'labels'; beside it there is model.npz")
        }
    }

    @Test func `a checkpoint elsewhere is asked for there`() throws {
        let manifest = #"{"checkpoint": "/nowhere/at-all.npz", "head": "dense"}"#
        try withFolder(manifest) { folder in
            let found = try refusal(folder)
            #expect(
                found == "/nowhere/at-all.npz: there is no such file, which "
                    + "model.json names as 'checkpoint'; copy it there")
        }
    }

    // MARK: Labels that inspection finds

    private func labels(_ path: String) throws -> ManifestSetting? {
        let inspection = try ModelInspection(path: path)
        #expect(inspection.unread.isEmpty)
        return try inspection.head.get().settings.first { $0.key == "labels" }
    }

    /// Also while keys are missing.
    @Test func `the names of scikit-learn's classes are the labels`() throws {
        let found = ManifestSetting(key: "labels", value: "classes_", source: .checkpoint)
        for manifest in [
            #"{"checkpoint": "model.npz"}"#,
            #"{"checkpoint": "model.npz", "head": "dense", "link": "softmax"}"#,
        ] {
            try withFolder(manifest) { folder in
                let (whole, bare) = (try labels(folder), try labels(folder + "/model.npz"))
                #expect(whole == found)
                #expect(bare == found)
            }
        }
    }

    @Test func `a converted model has its labels in itself`() throws {
        let manifest = #"{"checkpoint": "model.npz", "head": "dense", "link": "softmax"}"#
        try withFolder(manifest) { folder in
            let target = folder + "/new.safetensors"
            _ = try ModelConversion(path: folder, to: target).write(
                weights: nil, engine: .threads(1))
            #expect(
                try labels(target)
                    == ManifestSetting(
                        key: "labels", value: "headserve.labels", source: .checkpoint))
            #expect(try Model.load(path: target).labels == ["red", "green", "blue"])
        }
    }
}
