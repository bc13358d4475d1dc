import Checkpoints
import Testing

/// Files that are no checkpoints, with the bytes that their formats begin with.
@Suite struct RecognizedFormatTests {
    private func expect(
        _ format: RecognizedFormat, _ bytes: [UInt8], name: String = "f",
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let error = CheckpointError.unsupportedFormat(path: name, recognized: format)
        #expect(throws: error, sourceLocation: sourceLocation) {
            try Checkpoint.read(bytes, name: name)
        }
    }

    private func text(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test func `stand-ins for a file are named`() {
        expect(.empty, [])
        // The file's own description: git-lfs, docs/spec.md.
        let hash = String(repeating: "4d", count: 32)
        expect(
            .gitLFSPointer,
            text("version https://git-lfs.github.com/spec/v1\noid sha256:\(hash)\nsize 9\n"))
        for page in [
            "<!DOCTYPE html><html>", "\n\n<!doctype HTML PUBLIC>", "<html lang=en>",
            "\u{feff}<HTML>",
        ] { expect(.html, text(page)) }
        for xml in ["<?xml version=\"1.0\"?><Error>", "<Error><Code>AccessDenied</Code></Error>"] {
            expect(.xml, text(xml))
        }
        for json in [
            "{}", "\n { \"checkpoint\": \"c.npz\" }", #"{"metadata": {"total_size": 3}}"#, "{...",
            #"{"model": {"model_type": "WordPiece"}, "x": "architectures"}"#,
        ] { expect(.json, text(json)) }
        for other in ["[1, 2]", "a,b\n1,2\n", "<svg", "classes\ncat\n"] {
            expect(.unknown, text(other))
        }
    }

    @Test func `configurations are told from other JSON texts by their keys`() throws {
        let labels = (0..<500).map { "\"\($0)\": \"label \($0)\"" }.joined(separator: ", ")
        for json in [
            #"{"architectures": ["BertForSequenceClassification"], "num_labels": 2}"#,
            #"{"id2label": {\#(labels)}, "model_type": "vit"}"#,
            #"{"architecture": "resnet18", "pretrained_cfg": {"tag": "a1_in1k"}}"#,
            #"{"base_model_name_or_path": "b", "peft_type": "LORA"}"#,
            #"{"transformers_version": "4.1", "model_type": ["#,
        ] { expect(.configuration, text(json)) }
        let nested = String(repeating: "[", count: 200_000)
        expect(.json, text("{\"a\": \(nested)"))
    }

    @Test func `containers of files are named`() {
        expect(.gzip, [0x1f, 0x8b, 8, 0])
        expect(.compressed(by: "xz"), [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 4])
        expect(.compressed(by: "bzip2"), text("BZh91AY&SY"))
        expect(.compressed(by: "zstd"), [0x28, 0xb5, 0x2f, 0xfd, 4, 0])
        expect(.compressed(by: "lz4"), [4, 0x22, 0x4d, 0x18, 0x64, 0x40])
        expect(.compressed(by: "7-Zip"), [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c, 0, 4])
        // POSIX.1: 100 bytes of name, then fields, the magic word at 257.
        var header = text("model/weights.npz") + [UInt8](repeating: 0, count: 240)
        header += text("ustar\u{0}00")
        expect(.tar, header + [UInt8](repeating: 0, count: 512 - header.count))
        expect(.unknown, text("model") + [UInt8](repeating: 0, count: 507))
    }

    /// RFC 1950: the lowest four bits are 8, the next ones 7 for a window of 32 KiB, and both
    /// bytes together are a multiple of 31.
    @Test func `zlib streams are named`() {
        for flags: UInt8 in [0x01, 0x5e, 0x9c, 0xda] { expect(.zlib, [0x78, flags, 0xed, 0xbd]) }
        for flags: UInt8 in [0x00, 0x02, 0x9d, 0xbb] {
            expect(.unknown, [0x78, flags, 0xff, 0xff])
        }
    }

    @Test(arguments: [
        "sklearn.linear_model._logistic", "joblib.numpy_pickle", "numpy.core.multiarray",
        "xgboost.sklearn", "numpy._core.multiarray",
    ])
    func `pickles tell the module of their first object`(module: String) {
        let (length, name) = (UInt8(module.utf8.count), text("Name"))
        let frame: [UInt8] = [0x95, 9, 0, 0, 0, 0, 0, 0, 0]
        let pair = [0x8c, length] + text(module) + [0x94, 0x8c, 4] + name + [0x94, 0x93, 0x94]
        let line = [UInt8(ascii: "c")] + text("\(module)\nName\n")
        for bytes in [
            [0x80, 4] + frame + pair + [0x29, 0x81, 0x2e],
            [0x80, 3] + line + text("q\u{0})"),
            [0x80, 2] + line + text("q\u{1})"),
            // In a dictionary, behind its first key.
            [0x80, 5] + frame + [0x7d, 0x94, 0x28, 0x8c, 2] + text("it") + [0x94] + pair,
            [0x80, 2] + text("}q\u{0}X") + [2, 0, 0, 0] + text("itq\u{1}") + line,
        ] { expect(.pickledObject(module: module), bytes) }
    }

    @Test func `pickles that do not tell are just that`() {
        let long = String(repeating: "m", count: 101)
        for bytes: [UInt8] in [
            [0x80], [0x80, 2, 0x2e], [0x80, 4, 0x93], [0x80, 4, 0x8c, 1, 0x61, 0x93],
            [0x80, 4, 0x8c, 200, 0x61], [0x80, 2, 0x47], [0x80, 2] + text("ca b\nc\n"),
            text("cnumpy.core.multiarray\n_reconstruct\np0\n"), text("ccopy_reg\n_reconstructor\n"),
            [0x80, 2] + text("c\nc\n"), [0x80, 2] + text("c\(long)\nc\n"),
        ] { expect(.barePickle, bytes) }
        expect(
            .pickledObject(module: String(long.dropLast())),
            [0x80, 2] + text("c\(long.dropLast())\nc\n"))
    }

    /// A field of a protocol buffer with bytes in it.
    private func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
        precondition(content.count < 1 << 14)
        let length =
            content.count < 128
            ? [UInt8(content.count)]
            : [UInt8(content.count & 0x7f) | 0x80, UInt8(content.count >> 7)]
        return [number << 3 | 2] + length + content
    }

    @Test func `ONNX models are named`() {
        let graph = field(7, field(1, text("node")) + [UInt8](repeating: 0, count: 3000))
        let operators = field(8, [0x10, 17])
        let producer = field(2, text("pytorch")) + field(3, text("2.1.0"))
        expect(.onnx, [8, 8] + producer + graph + operators)
        expect(.onnx, [8, 10] + graph + operators)
        expect(.onnx, [8, 9] + operators + field(2, []) + graph)
        expect(.unknown, [8, 8] + producer)
        expect(.unknown, [8, 8] + producer + [0x3f] + graph)
    }

    @Test func `TensorFlow graphs and checkpoints are named`() {
        let description = field(1, field(4, text("serve")))
        let graph = field(2, description + field(2, [UInt8](repeating: 0x0a, count: 5000)))
        expect(.tensorFlowGraph, [8, 1] + graph)
        let node = field(1, field(1, text("x")) + field(2, text("Placeholder")) + field(5, [0]))
        expect(.tensorFlowGraph, node + node)
        expect(.unknown, field(1, field(1, [0, 1]) + field(2, text("x"))))
        // A sorted table ends with this number, little-endian: 0xdb4775248b80fb57.
        let table = [UInt8](repeating: 0, count: 60)
        let magic: [UInt8] = [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb]
        expect(.tensorFlowCheckpoint, table + magic)
        expect(.unknown, table + magic + [0])
        for name in ["a/model.ckpt.data-00000-of-00001", "variables.data-00003-of-00012"] {
            expect(.tensorFlowCheckpoint, floatBytes([1, 2]), name: name)
            expect(.unknown, floatBytes([1, 2]), name: name + ".x")
        }
    }

    @Test func `models of other programs are named`() {
        expect(.hdf5, [0x89] + text("HDF\r\n\u{1a}\n"))
        expect(.gguf, text("GGUF") + [3, 0, 0, 0] + little(UInt64(2)))
        expect(.matlab, text("MATLAB 5.0 MAT-file, Platform: GLNXA64"))
        let parameters = text("params") + [0x81, 0xa7] + text("Dense_0")
        expect(.msgpack, [0x81, 0xa6] + parameters)
        expect(.msgpack, [0xde, 0, 20, 0xd9, 6] + parameters)
        expect(.msgpack, [0xdf, 0, 0, 0, 20, 0xa6] + parameters)
        expect(.unknown, [0x81, 0xa6, 1, 2])
        expect(.unknown, [0x81, 0x01])
        let members = ["metadata.json", "config.json", "model.weights.h5"].map {
            ZipWriter.Member($0, [1])
        }
        expect(.keras, ZipWriter(members).bytes)
        expect(.otherArchive, ZipWriter(Array(members.dropLast())).bytes)
    }

    @Test(
        arguments: [
            .empty, .unknown, .gitLFSPointer, .html, .xml, .json, .configuration, .gzip,
            .compressed(by: "xz"),
            .tar,
            .otherArchive, .torchScript, .pickledObject(module: "a.b"), .barePickle, .zlib, .hdf5,
            .keras, .onnx, .gguf, .msgpack, .tensorFlowGraph, .tensorFlowCheckpoint, .matlab,
        ] as [RecognizedFormat])
    func `errors tell the kind and the way out`(format: RecognizedFormat) {
        let text = CheckpointError.unsupportedFormat(path: "m", recognized: format).description
        #expect(text == "m: is \(format.name), which is not read: \(format.wayOut)")
        #expect(!format.wayOut.isEmpty && format.wayOut.last != ".")
    }

    @Test func `the way out names the command`() {
        let pointer = CheckpointError.unsupportedFormat(path: "m", recognized: .gitLFSPointer)
        #expect(pointer.description.contains("git lfs pull"))
        #expect(RecognizedFormat.pickledObject(module: "m").wayOut.contains("numpy.savez"))
        #expect(RecognizedFormat.onnx.wayOut.contains("onnx.numpy_helper.to_array"))
        #expect(RecognizedFormat.msgpack.wayOut.contains("flax.serialization"))
    }
}
