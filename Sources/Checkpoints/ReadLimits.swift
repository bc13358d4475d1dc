/// Limits on the files that a reader accepts. Each is the largest value still accepted.
///
/// No number from a file is used for an allocation before it was checked against one of these or
/// against bytes that are really there.
package struct ReadLimits: Sendable {
    /// Members of a ZIP archive.
    package var memberCount = 1 << 16
    /// Bytes of one member, stored or inflated.
    package var memberByteCount = 1 << 36
    /// Bytes of all deflated members of an archive together, once inflated.
    package var inflatedByteCount = 1 << 33
    /// Declared size over compressed size. Deflate itself cannot exceed 1032.
    package var inflationRatio = 1032
    /// Bytes of the text header of a NumPy array.
    package var arrayHeaderByteCount = 1 << 16
    /// Bytes of the JSON header of a safetensors file, padding included; the limit of the format's
    /// reference reader.
    package var safetensorsHeaderByteCount = 100_000_000
    /// Bytes of the index of a checkpoint in several files.
    package var shardIndexByteCount = 1 << 24
    /// Files of a checkpoint: each takes a descriptor while the checkpoint is open.
    package var shardCount = 256
    /// Entries of a safetensors file's metadata.
    package var metadataEntryCount = 1 << 12
    /// UTF-8 bytes of all keys and values of a safetensors file's metadata together: room for the
    /// labels of millions of classes.
    package var metadataByteCount = 1 << 26
    /// Dimensions of one tensor; NumPy's and PyTorch's own limit.
    package var dimensionCount = 64
    /// Elements of a tensor that has more of them than its storage: one with strides of zero.
    package var expandedElementCount = 1 << 24
    /// Tensors in a file, or in all files of a checkpoint.
    package var tensorCount = 1 << 16
    /// Attributes found beside the tensors.
    package var attributeCount = 1 << 16
    /// UTF-8 bytes of a tensor's or an attribute's dotted name, of a key in a pickle or a
    /// safetensors header, and of a module's or class's name in a pickle.
    package var nameByteCount = 4096
    /// UTF-8 bytes of all dotted names together that a search for tensors and attributes makes: a
    /// few bytes of a file may make many long ones.
    package var allNamesByteCount = 1 << 24

    /// UTF-8 bytes of the key under which a PyTorch file keeps a storage; PyTorch counts, or takes
    /// an address.
    package var storageKeyByteCount = 256
    /// Bytes of a pickle.
    package var pickleByteCount = 1 << 26
    /// Opcodes of a pickle.
    package var opcodeCount = 1 << 22
    /// Values on the pickle's stack.
    package var stackDepth = 1 << 20
    /// Marks on the pickle's stack.
    package var markDepth = 1 << 12
    /// Memoised values of a pickle.
    package var memoCount = 1 << 20
    /// Containers, records and references to code that a pickle makes.
    package var nodeCount = 1 << 20
    /// Bytes of one string, byte string or long integer in a pickle.
    package var stringByteCount = 1 << 20
    /// Containers inside each other, as far as they are searched for tensors and attributes; and in
    /// the JSON of a shard index.
    package var nestingDepth = 128
    /// Values looked at in that search: the elements and entries of each container, counted again
    /// for every container that refers to it.
    package var visitCount = 1 << 22

    /// Room for every checkpoint in use, not for a bomb.
    package static let standard = ReadLimits()

    package init() {}
}

/// Names one of the `ReadLimits` in an error.
package enum ReadLimit: String, Sendable {
    case fileByteCount = "bytes of a file"
    case memberCount = "archive members"
    case memberByteCount = "bytes of a member"
    case inflatedByteCount = "inflated bytes"
    case inflationRatio = "inflation ratio"
    case arrayHeaderByteCount = "bytes of an array header"
    case safetensorsHeaderByteCount = "bytes of a safetensors header"
    case shardIndexByteCount = "bytes of a shard index"
    case shardCount = "files of a checkpoint"
    case metadataEntryCount = "metadata entries"
    case metadataByteCount = "bytes of metadata"
    case dimensionCount = "dimensions"
    case expandedElementCount = "elements of an expanded tensor"
    case tensorCount = "tensors"
    case attributeCount = "attributes"
    case nameByteCount = "bytes of a name"
    case allNamesByteCount = "bytes of all names"
    case storageKeyByteCount = "bytes of a storage key"
    case pickleByteCount = "bytes of a pickle"
    case opcodeCount = "pickle opcodes"
    case stackDepth = "pickle stack depth"
    case markDepth = "pickle mark depth"
    case memoCount = "memoised pickle values"
    case nodeCount = "pickled objects"
    case stringByteCount = "bytes of a pickled string"
    case nestingDepth = "nesting depth"
    case visitCount = "visited values"

    /// Throws when `value` is above `maximum`. `part` names the member or tensor at fault.
    func check(
        _ value: Int, atMost maximum: Int, path: String, part: String
    ) throws(CheckpointError) {
        guard value > maximum else { return }
        throw .limitExceeded(path: path, part: part, limit: self, value: value, maximum: maximum)
    }
}
