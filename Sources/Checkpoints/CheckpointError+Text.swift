internal import Glibc

extension CheckpointError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .cannotOpen(let file, let errno):
            "\(file): cannot be opened: \(unsafe String(cString: strerror(errno)))"
        case .notRegularFile(let file): "\(file): is not a regular file"
        case .unsupportedFormat(let file, let found):
            "\(file): is \(found), which is not read; .npz, .npy and PyTorch's zip files are"
        case .zip(let file, nil, let fault): "\(file): \(fault)"
        case .zip(let file, let member?, let fault): "\(file): member '\(member)': \(fault)"
        case .npy(let file, let member, let fault): "\(file): array '\(member)': \(fault)"
        case .pickle(let file, let offset, let fault):
            "\(file): pickle, byte \(offset): \(fault)"
        case .stateDict(let file, let fault): "\(file): \(fault)"
        case .tensor(let file, let name, let fault): "\(file): tensor '\(name)': \(fault)"
        case .digestUnavailable(let file): "\(file): SHA-256 is not available"
        }
    }
}

extension ZipFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noEndRecord: "there is no end-of-central-directory record: the file is cut short"
        case .truncated(let offset): "the archive ends inside the record at \(offset)"
        case .badSignature(let offset): "there is no record of the expected kind at \(offset)"
        case .multipleDisks: "archives in several parts are not read"
        case .tooManyMembers(let count, let limit): "\(count) members, at most \(limit) are read"
        case .repeatedName: "there are two members of this name"
        case .nameNotUTF8: "its name is not UTF-8"
        case .encrypted: "it is encrypted"
        case .method(let method): "compression method \(method) is not read"
        case .outsideFile(let offset, let size): "\(size) bytes at \(offset) are not in the file"
        case .overlapping(let other): "it overlaps '\(other)'"
        case .headersDisagree(let field): "its two headers disagree about \(field)"
        case .tooLarge(let bytes, let limit): "it has \(bytes) bytes, at most \(limit) are read"
        case .implausibleRatio(let compressed, let size):
            "\(compressed) bytes cannot inflate to \(size)"
        case .badDeflateStream: "its compressed data are damaged"
        case .checksum(let found, let expected):
            "its checksum is \(found), the archive says \(expected)"
        }
    }
}

extension NpyFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .badMagic: "it does not begin as a NumPy array"
        case .version(let version): "version \(version) of the format is not known"
        case .truncatedHeader: "it ends inside its header"
        case .headerTooLong(let bytes, let limit):
            "its header has \(bytes) bytes, at most \(limit) are read"
        case .headerSyntax(let offset, let expected):
            "its header, byte \(offset): expected \(expected)"
        case .elementType(let text): "elements of type \(text) are not read"
        case .shapeOverflow(let shape): "shape \(shape) has too many elements"
        case .dataSize(let found, let expected): "it has \(found) bytes of data, not \(expected)"
        }
    }
}

extension PickleFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .truncated: "it ends inside an instruction"
        case .opcode(let opcode): "instruction 0x\(String(opcode, radix: 16)) is not taken"
        case .protocolVersion(let version): "protocol \(version) is not known"
        case .stackUnderflow: "it takes more values than there are"
        case .noMark: "it asks for a mark that was not set"
        case .limit(let what, let limit): "more than \(limit) \(what)"
        case .unknownMemo(let index): "it recalls memo \(index), which was not stored"
        case .notUTF8: "a text is not UTF-8"
        case .operand(let what): "\(what)"
        case .noStop: "it does not end in STOP"
        }
    }
}

extension StateDictFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noPickle: "the archive has no data.pkl"
        case .notADictionary(let found): "it holds \(found), not a dictionary of tensors"
        case .pickledModule(let name):
            "it holds a whole module of class \(name); save its state_dict() instead"
        case .ambiguousWrapper(let keys):
            "tensors stand under each of \(keys.joined(separator: ", "))"
        case .noTensors: "there are no tensors in it"
        case .tooDeep(let limit): "dictionaries are nested more than \(limit) deep"
        case .tooManyTensors(let limit): "there are more than \(limit) tensors"
        case .repeatedName(let name): "there are two tensors called '\(name)'"
        case .missingStorage(let tensor, let member):
            "tensor '\(tensor)' lies in '\(member)', which is missing"
        case .storageSize(let tensor, let found, let expected):
            "tensor '\(tensor)' lies in a storage of \(found) bytes that claims \(expected)"
        case .byteOrder(let text): "byte order '\(text)' is not known"
        }
    }
}

extension TensorFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .shape(let shape): "shape \(shape) is not one a tensor can have"
        case .strides(let strides): "strides \(strides) are not ones a tensor can have"
        case .outsideStorage(let elements): "it reaches outside its \(elements) stored elements"
        case .notAnInteger(let type): "its elements are \(type.rawValue), not integers"
        }
    }
}
