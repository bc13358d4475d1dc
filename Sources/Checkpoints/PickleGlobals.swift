/// The constructors that mean something to a checkpoint; every other name stays a name.
enum PickleGlobals {
    static let orderedDictionary = PickleGlobal(module: "collections", name: "OrderedDict")

    private static let rebuildTensor: Set<String> = [
        "_rebuild_tensor", "_rebuild_tensor_v2", "_rebuild_tensor_v3",
    ]
    private static let storages: [String: ElementType] = [
        "DoubleStorage": .float64, "FloatStorage": .float32, "HalfStorage": .float16,
        "BFloat16Storage": .bfloat16, "LongStorage": .int64, "IntStorage": .int32,
        "ShortStorage": .int16, "CharStorage": .int8, "ByteStorage": .uint8,
        "BoolStorage": .bool,
    ]
    private static let types: [String: ElementType] = [
        "float64": .float64, "float32": .float32, "float16": .float16, "bfloat16": .bfloat16,
        "int64": .int64, "int32": .int32, "int16": .int16, "int8": .int8, "uint8": .uint8,
        "uint16": .uint16, "uint32": .uint32, "uint64": .uint64, "bool": .bool,
    ]

    /// What calling a global makes, where that is data; nil for a record of the call.
    static func value(
        _ global: PickleGlobal, _ arguments: [PickleValue]
    ) throws(PickleFault) -> PickleValue? {
        switch (global.module, global.name) {
        case ("torch._utils", let name) where rebuildTensor.contains(name):
            return .tensor(try tensor(arguments))
        case ("torch._utils", "_rebuild_parameter"):
            guard let data = arguments.first else { throw .operand("a parameter without data") }
            return data
        case ("torch", "Size"):
            guard case .tuple(let lengths)? = arguments.first else { return nil }
            return .tuple(lengths)
        default:
            return nil
        }
    }

    /// ('storage', type, key, location, count).
    static func storage(_ id: PickleValue) throws(PickleFault) -> PickleStorage {
        guard case .tuple(let parts) = id, parts.count >= 5, case .string("storage") = parts[0],
            case .global(let type) = parts[1], case .string(let key) = parts[2],
            case .integer(let count) = parts[4], count >= 0
        else { throw .operand("a persistent id that is no storage") }
        return PickleStorage(
            elementType: type.module == "torch" ? storages[type.name] : nil, key: key,
            elementCount: count)
    }

    /// (storage, offset, size, stride, …); version 3 adds the type, as its storages are untyped.
    private static func tensor(_ arguments: [PickleValue]) throws(PickleFault) -> PickleTensor {
        guard arguments.count >= 4, case .storage(let storage) = arguments[0],
            case .integer(let offset) = arguments[1], let shape = integers(arguments[2]),
            let strides = integers(arguments[3])
        else { throw .operand("a tensor without storage, offset, size and stride") }
        var type = storage.elementType
        if arguments.count > 6, case .global(let name) = arguments[6], name.module == "torch" {
            type = types[name.name]
        }
        guard let type else { throw .operand("a tensor of a type that is not read") }
        return PickleTensor(
            storage: storage, elementType: type, offset: offset, shape: shape, strides: strides)
    }

    private static func integers(_ value: PickleValue) -> [Int64]? {
        guard case .tuple(let items) = value else { return nil }
        var integers: [Int64] = []
        for item in items {
            guard case .integer(let integer) = item else { return nil }
            integers.append(integer)
        }
        return integers
    }
}
