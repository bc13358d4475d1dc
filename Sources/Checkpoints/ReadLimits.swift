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
    /// Bytes of a member of a PyTorch archive that holds a word: its version, its byte order.
    package var wordByteCount = 64
    /// Bytes of a pickle, whose NumPy arrays are part of it.
    package var pickleByteCount = 1 << 30
    /// Bytes of a pickle that is deflated and must be held in memory as a whole.
    package var inflatedPickleByteCount = 1 << 26
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
    /// Bytes of one string, byte string or long integer in a pickle; only texts of up to 1 MiB are
    /// copied.
    package var stringByteCount = 1 << 30
    /// Containers inside each other, as far as they are searched for tensors and attributes; and in
    /// the JSON of a shard index.
    package var nestingDepth = 128
    /// Values looked at in that search: the elements and entries of each container, counted again
    /// for every container that refers to it. Never more than `visitsPerByte` allows.
    package var visitCount = 1 << 22
    /// Values looked at per byte of the pickle, of which each takes one byte or more, in addition
    /// to `sharedVisitCount`.
    package var visitsPerByte = 1
    /// Values of shared containers that may be looked at again and again.
    package var sharedVisitCount = 1 << 18
    /// Steps of reading a pickle per byte of it, in addition to `stepCount`. A step is an opcode, a
    /// value moved or looked at, or 16 bytes of a text or name: linear readers need fewer than ten
    /// a byte.
    package var stepsPerByte = 16
    /// Steps that do not depend on the length: room for names (`allNamesByteCount`) and shared
    /// containers.
    package var stepCount = 1 << 21

    /// Room for every checkpoint in use, not for a bomb.
    package static let standard = ReadLimits()

    package init() {}

    /// Bytes of a pickle, which may have to be inflated.
    func pickleByteCount(isDeflated: Bool) -> Int {
        isDeflated ? min(pickleByteCount, inflatedPickleByteCount) : pickleByteCount
    }

    /// Steps of reading a pickle of `byteCount` bytes.
    func stepCount(of byteCount: Int) -> Int { stepCount + stepsPerByte * byteCount }

    /// Values looked at in searching a pickle of `byteCount` bytes.
    func visitCount(of byteCount: Int) -> Int {
        min(visitCount, sharedVisitCount + visitsPerByte * byteCount)
    }
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
    case wordByteCount = "bytes of a word"
    case pickleByteCount = "bytes of a pickle"
    case opcodeCount = "pickle opcodes"
    case stackDepth = "pickle stack depth"
    case markDepth = "pickle mark depth"
    case memoCount = "memoised pickle values"
    case nodeCount = "pickled objects"
    case stringByteCount = "bytes of a pickled string"
    case nestingDepth = "nesting depth"
    case visitCount = "visited values"
    case stepCount = "steps of reading a pickle"

    /// Throws when `value` is above `maximum`. `part` names the member or tensor at fault.
    func check(
        _ value: Int, atMost maximum: Int, path: String, part: String
    ) throws(CheckpointError) {
        guard value > maximum else { return }
        throw .limitExceeded(path: path, part: part, limit: self, value: value, maximum: maximum)
    }
}
