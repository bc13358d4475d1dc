import Fixtures
import Foundation
import Testing

@testable import Heads

/// The places to which a converted model is written, and those to which it is not.
@Suite struct ConversionTargetTests {
    /// Calls `body` with a folder that holds a copy of a demo model with its labels in `labels`.
    private func withModel(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "headserve-\(UUID().uuidString)"
        ).path
        try FileManager.default.copyItem(atPath: Fixtures.demoModel("digits-mhs"), toPath: folder)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let labels = (0..<10).map(String.init).joined(separator: "\n")
        try Data(labels.utf8).write(to: URL(filePath: folder + "/labels"))
        let manifest =
            #"{"checkpoint": "checkpoint.pth", "head": "mhs", "pre_logits": "tanh", "#
            + #""labels": "labels"}"#
        try Data(manifest.utf8).write(to: URL(filePath: folder + "/model.json"))
        try body(folder)
    }

    /// Every file of a folder, by name.
    private func contents(_ folder: String) throws -> [String: Data] {
        var contents: [String: Data] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            contents[name] = try Data(contentsOf: URL(filePath: folder + "/" + name))
        }
        return contents
    }

    private func convert(
        _ path: String, to target: String, overwrites: Bool, _ weights: StoredWeights? = nil
    ) throws {
        _ = try ModelConversion(path: path, to: target, overwrites: overwrites).write(
            weights: weights, engine: ComputeEngine.threads(1))
    }

    @Test(arguments: [true, false])
    func `a model's own files stay`(overwrites: Bool) throws {
        try withModel { folder in
            let fileManager = FileManager.default
            let expected = folder + "/expected"
            try fileManager.createSymbolicLink(
                atPath: folder + "/link", withDestinationPath: "checkpoint.pth")
            try fileManager.linkItem(
                atPath: folder + "/checkpoint.pth", toPath: expected)
            let before = try contents(folder)
            for name in ["checkpoint.pth", "labels", "link", "expected"] {
                let target = "\(folder)/./\(name)"
                #expect(
                    performing: {
                        try convert(folder, to: target, overwrites: overwrites)
                    },
                    throws: {
                        "\($0)"
                            == "\(target): is a file of the model that is converted; choose "
                            + "another name"
                    })
            }
            #expect(try contents(folder) == before)
        }
    }

    @Test func `a file that exists is replaced only when that is said`() throws {
        try withModel { folder in
            let target = folder + "/precious"
            try Data("precious".utf8).write(to: URL(filePath: target))
            #expect(
                performing: {
                    try convert(folder, to: target, overwrites: false)
                },
                throws: {
                    "\($0)" == "\(target): exists already; choose another name, or replace it with "
                        + "--overwrite"
                })
            #expect(try Data(contentsOf: URL(filePath: target)) == Data("precious".utf8))
            try convert(folder, to: target, overwrites: true)
            #expect(try Model.load(path: target).labels == (0..<10).map(String.init))
        }
    }

    @Test(arguments: ["npz", "npy", "pth", "bin", "ckpt", "NPZ", "onnx", "txt", "json"])
    func `a name of another format is refused`(ending: String) throws {
        try withModel { folder in
            let target = "\(folder)/new.\(ending)"
            #expect(
                performing: {
                    try convert(folder, to: target, overwrites: true)
                },
                throws: {
                    "\($0)"
                        == "\(target): convert writes safetensors, not .\(ending.lowercased()); "
                        + "name a .safetensors file"
                })
            #expect(!FileManager.default.fileExists(atPath: target))
        }
    }

    /// It would be refused as a shard without an index.
    @Test func `a shard's name is refused`() throws {
        try withModel { folder in
            let target = folder + "/m-00001-of-00002.safetensors"
            #expect(
                performing: {
                    try convert(folder, to: target, overwrites: true)
                },
                throws: {
                    "\($0)".hasPrefix("\(target): is named as one of 2 files")
                })
            try convert(folder, to: folder + "/m-00001-of-00001.safetensors", overwrites: false)
        }
    }

    /// Weights near the largest float are finite, but no answer is.
    @Test(arguments: [true, false])
    func `what cannot be read back is not left`(isReplaced: Bool) throws {
        try withModel { folder in
            var file = ArrayFile()
            file["weight"] = .init(
                name: "weight", shape: [2, 4], values: [Float](repeating: 3e38, count: 8))
            try Data(file.archive).write(to: URL(filePath: folder + "/large.npz"))
            let manifest = #"{"checkpoint": "large.npz", "head": "dense", "link": "softmax"}"#
            try Data(manifest.utf8).write(to: URL(filePath: folder + "/model.json"))
            let target = folder + "/new.safetensors"
            if isReplaced { try Data("old".utf8).write(to: URL(filePath: target)) }
            let before = try contents(folder)
            #expect(
                performing: {
                    try convert(folder, to: target, overwrites: isReplaced)
                },
                throws: {
                    "\($0)".hasPrefix("\(target): not written, for it could not be read back: ")
                        && "\($0)".contains("float32 overflows") && !"\($0)".contains(".partial")
                })
            #expect(try contents(folder) == before)
        }
    }
}
