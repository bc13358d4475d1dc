import Foundation
import Service
import Testing

@testable import headserve

@Suite struct ModelSettingTests {
    /// Models of `--model` with each of the texts.
    static func models(_ texts: String...) throws -> [ServiceOptions.ModelPath] {
        let arguments = texts.flatMap { ["--model", $0] }
        return try SettingsTests.resolve(arguments).serviceOptions().models
    }

    /// Calls `body` with a new folder that has empty files of these names.
    static func withFiles(_ names: [String], _ body: (_ folder: String) throws -> Void) throws {
        let folder = NSTemporaryDirectory() + "headserve-models-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        for name in names {
            #expect(FileManager.default.createFile(atPath: folder + "/" + name, contents: nil))
        }
        try body(folder)
    }

    // MARK: One model

    @Test(arguments: [
        ("path", nil, "path"), ("n=path", "n", "path"), ("n=a=b", "n", "a=b"),
        ("a/b=c", nil, "a/b=c"), ("./b=c", nil, "./b=c"), ("n=", "n", ""), ("", nil, ""),
    ])
    func `a model is a path, or a name and a path`(
        _ text: String, _ name: String?, _ path: String
    ) throws {
        let models = try Self.models(text)
        #expect(models.map(\.name) == [name] && models.map(\.path) == [path])
    }

    /// Relative paths begin at the folder of the process, which tests share: the file is in it for
    /// a moment.
    @Test(arguments: ["step=7-loss=0.25.ckpt", "=x", "a b=c", "val/loss=1"])
    func `a path that exists is one, whatever it looks like`(text: String) throws {
        let unique = "headserve-\(UUID().uuidString)"
        let folder = URL(filePath: unique + text).deletingLastPathComponent()
        let isNested = text.contains("/")
        if isNested {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        }
        #expect(FileManager.default.createFile(atPath: unique + text, contents: nil))
        defer {
            try? FileManager.default.removeItem(atPath: isNested ? folder.path : unique + text)
        }
        let plain = try Self.models(unique + text)
        #expect(plain.map(\.name) == [nil] && plain.map(\.path) == [unique + text])
        #expect(plain.map(\.argument) == ["--model \(unique)\(text)"])
        let named = try Self.models("n=\(unique)\(text)")
        #expect(named.map(\.name) == ["n"] && named.map(\.path) == [unique + text])
        #expect(named.map(\.argument) == ["--model n=\(unique)\(text)"])
    }

    @Test func `a folder that exists is a path too`() throws {
        try Self.withFiles([]) { (folder: String) throws in
            #expect(try Self.models(folder).map(\.path) == [folder])
            let named = try Self.models("n=" + folder)
            #expect(named.map(\.name) == ["n"] && named.map(\.path) == [folder])
        }
    }

    @Test(arguments: ["=path", "a b=path", "a\u{1}=path", "\u{7F}=path"])
    func `a name without letters or with spaces is refused`(_ text: String) {
        #expect(
            SettingsTests.refusal(["--model", text])
                == "--model is '\(text)', expected a path that exists, or NAME=PATH with a name "
                + "without spaces and control characters")
    }

    @Test func `messages have the whole argument, and how it was read`() throws {
        #expect(try Self.models("a/b").map(\.argument) == ["--model a/b"])
        #expect(
            try Self.models("epoch=9-loss=2.pt").map(\.argument) == [
                "--model epoch=9-loss=2.pt (there is no such file, so it was read as NAME=PATH)"
            ])
        let environment = ["HEADSERVE_MODEL": "a/b"]
        #expect(
            try SettingsTests.resolve(environment: environment).serviceOptions().models
                .map(\.argument) == ["HEADSERVE_MODEL a/b"])
    }

    // MARK: Lists

    static func list(_ text: String) throws -> [String] {
        let environment = ["HEADSERVE_MODEL": text]
        return try SettingsTests.resolve(environment: environment).serviceOptions().models
            .map { model in (model.name.map { $0 + "=" } ?? "") + model.path }
    }

    @Test(arguments: [
        ("a", ["a"]), ("a,b", ["a", "b"]), ("a,,b,", ["a", "b"]), ("n=a,m=b", ["n=a", "m=b"]),
    ])
    func `commas are between models`(text: String, models: [String]) throws {
        #expect(try Self.list(text) == models)
    }

    @Test func `a comma in a path that exists is part of it`() throws {
        try Self.withFiles(["lr=0.1,wd=0.01", "x,,y", "a", "a,b", "b"]) { (folder: String) throws in
            let (hydra, double) = (folder + "/lr=0.1,wd=0.01", folder + "/x,,y")
            #expect(try Self.list(hydra) == [hydra])
            #expect(try Self.list("n=" + hydra) == ["n=" + hydra])
            #expect(try Self.list(double) == [double])
            #expect(
                try Self.list("n=\(hydra),p,\(double),,m=\(hydra)")
                    == ["n=" + hydra, "p", double, "m=" + hydra])
            #expect(try Self.list("\(folder)/a,b") == ["\(folder)/a,b"])
            #expect(
                try Self.list("\(folder)/a,\(folder)/b") == ["\(folder)/a", "\(folder)/b"])
            #expect(try Self.list("\(folder)/a,c") == ["\(folder)/a", "c"])
        }
    }

    @Test(arguments: -1...1)
    func `a path has so many commas at most`(excess: Int) throws {
        let count = SettingText.maxPathCommas + excess
        let name = String(repeating: ",", count: count) + "a"
        try Self.withFiles([name]) { (folder: String) throws in
            let path = folder + "/" + name
            #expect(
                try Self.list(path) == (excess > 0 ? [folder + "/", "a"] : [path]))
        }
    }

    @Test func `the items of a file's list have any commas`() throws {
        let models = try SettingsTests.resolve(file: "model: ['a,b', 'n=c,d']") {
            try $0.serviceOptions().models
        }
        #expect(models.map(\.path) == ["a,b", "c,d"])
        #expect(models.map(\.name) == [nil, "n"])
    }
}
