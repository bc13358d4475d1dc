/// Kinds of files that are not read, as far as their first bytes (or, of a TensorFlow checkpoint,
/// the last bytes or the name) show.
package enum RecognizedFormat: Equatable, Sendable {
    case empty
    case unknown
    // Stand-ins for a file.
    case gitLFSPointer
    case html
    case xml
    /// A JSON text without a `weight_map`.
    case json
    /// A `config.json` or `adapter_config.json` of Hugging Face.
    case configuration
    // Containers of files.
    case gzip
    /// Compressed by the program of this name.
    case compressed(by: String)
    case tar
    case otherArchive
    // Objects of programs.
    case torchScript
    /// A pickle that makes an object of this module.
    case pickledObject(module: String)
    case barePickle
    /// joblib compresses pickles so.
    case zlib
    // Other formats of models.
    case hdf5
    case keras
    case onnx
    case gguf
    case msgpack
    case tensorFlowGraph
    case tensorFlowCheckpoint
    case matlab
}

extension RecognizedFormat {
    /// The kind, to stand behind "is".
    package var name: String {
        switch self {
        case .empty: "an empty file"
        case .unknown: "of no known format"
        case .gitLFSPointer: "a Git LFS pointer in place of the file"
        case .html: "an HTML page"
        case .xml: "an XML text"
        case .json: "a JSON text without a weight_map"
        case .configuration: "the Hugging Face configuration of a model, without its weights"
        case .gzip: "a gzip file"
        case .compressed(let program): "a file compressed by \(program)"
        case .tar: "a tar archive"
        case .otherArchive: "a ZIP archive with neither .npy members nor a data.pkl"
        case .torchScript: "a TorchScript archive"
        case .pickledObject(let module): "a pickled object of \(module)"
        case .barePickle: "a pickle outside any container"
        case .zlib: "a zlib stream, as joblib.dump writes it with compress"
        case .hdf5: "an HDF5 file, as Keras and h5py write it"
        case .keras: "a Keras archive"
        case .onnx: "an ONNX model"
        case .gguf: "a GGUF file"
        case .msgpack: "a msgpack file, as Flax writes it"
        case .tensorFlowGraph: "a TensorFlow graph"
        case .tensorFlowCheckpoint: "a part of a TensorFlow checkpoint"
        case .matlab: "a MATLAB file"
        }
    }

    /// The advice that ends the error: how to come to a file that is read.
    package var wayOut: String {
        switch self {
        case .empty: "copy or download it again"
        case .unknown:
            ".npz, .npy, PyTorch and safetensors files are; if it is one, it is damaged"
        case .gitLFSPointer: "fetch the file with 'git lfs pull' in its repository"
        case .html, .xml:
            "a download saved this in place of the file; download the file itself, by the link "
                + "that begins the download in a browser"
        case .json:
            "name the file of the weights, or the index of their shards, or the folder that has "
                + "a model.json"
        case .configuration:
            "name the file of the weights beside it, such as model.safetensors or "
                + "pytorch_model.bin, or the .index.json of several"
        case .gzip, .compressed, .tar, .otherArchive: "unpack it and name the checkpoint inside"
        case .torchScript: "save the module's state_dict() with torch.save"
        case .pickledObject, .zlib:
            "only running its code could restore it; load it in Python and save its arrays (of "
                + "scikit-learn coef_, intercept_ and classes_) with numpy.savez"
        case .barePickle:
            "load it in Python and save its tensors with torch.save, its arrays with numpy.savez"
        case .hdf5, .keras, .onnx, .matlab, .tensorFlowGraph, .tensorFlowCheckpoint, .msgpack:
            "save the head's arrays with numpy.savez, read by \(loader)"
        case .gguf: "serve the safetensors or PyTorch files that it was made from"
        }
    }

    /// Python that reads arrays out of such a file.
    private var loader: String {
        switch self {
        case .onnx: "onnx.numpy_helper.to_array of onnx.load(…).graph.initializer"
        case .matlab: "scipy.io.loadmat"
        case .tensorFlowGraph: "tf.saved_model.load(…).variables"
        case .tensorFlowCheckpoint: "tf.train.load_checkpoint"
        case .msgpack: "flax.serialization.msgpack_restore"
        case .keras: "keras.models.load_model(…).get_weights()"
        default: "h5py.File"
        }
    }
}
