/// The formats of checkpoints that are read.
package enum CheckpointFormat: String, Sendable {
    /// `numpy.savez`, stored or deflated.
    case npz
    /// `numpy.save`: one array, whose name is empty.
    case npy
    /// `torch.save` since PyTorch 1.6.
    case pytorchZip = "pytorch-zip"
    /// `torch.save` before that, and on demand since.
    case pytorchLegacy = "pytorch-legacy"
    case safetensors

    /// Whether PyTorch wrote it.
    var isTorch: Bool { self == .pytorchZip || self == .pytorchLegacy }
}
