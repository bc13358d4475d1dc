import Checkpoints
import Foundation
import Testing

/// Folders in place of a checkpoint.
@Suite struct RecognizedFolderTests {
    private func expect(
        _ kind: RecognizedFolder, _ names: [String],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        try withFolder { folder in
            for name in names {
                try Data([1]).write(to: URL(fileURLWithPath: folder + "/" + name))
            }
            let error = CheckpointError.folder(path: folder, recognized: kind)
            #expect(throws: error, sourceLocation: sourceLocation) { try Checkpoint.open(folder) }
            #expect(error.description == "\(folder): \(kind)", sourceLocation: sourceLocation)
        }
    }

    @Test func `kinds of folders are named`() throws {
        try expect(.other, [])
        try expect(.other, ["weights.npz", "labels.txt"])
        try expect(.savedModel, ["saved_model.pb", "fingerprint.pb"])
        try expect(.adapter, ["adapter_config.json", "adapter_model.safetensors", "config.json"])
        try expect(.setFit, ["model_head.pkl", "config.json", "model.safetensors"])
        try expect(.tensorFlowCheckpoint, ["checkpoint", "ckpt-1.index"])
        for name in ["_CHECKPOINT_METADATA", "_METADATA", "manifest.ocdbt"] {
            try expect(.orbax, [name])
        }
        try expect(.unpackedTorch, ["data.pkl", "version", "byteorder"])
    }

    @Test func `the weights in a Hugging Face folder are named`() throws {
        let config = "config.json"
        try expect(.huggingFace(weights: nil), [config, "tf_model.h5"])
        let preferred = [
            "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin",
            "pytorch_model.bin.index.json",
        ]
        for first in preferred.indices {
            let names = Array(preferred[first...])
            try expect(.huggingFace(weights: names[0]), [config] + names)
            let text = RecognizedFolder.huggingFace(weights: names[0]).description
            #expect(text.contains("\"checkpoint\": \"\(names[0])\""))
        }
    }
}
