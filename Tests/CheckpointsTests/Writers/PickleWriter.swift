/// Writes pickles opcode by opcode (protocol 2 where both will do).
enum PickleWriter {
    typealias Code = [UInt8]

    static func file(_ body: Code) -> Code { [0x80, 2] + body + [0x2e] }

    static let none: Code = [0x4e]
    static let mark: Code = [0x28]
    static let emptyDictionary: Code = [0x7d]
    static let emptyList: Code = [0x5d]
    static let emptyTuple: Code = [0x29]

    static func int(_ value: Int32) -> Code { [0x4a] + little(value) }
    static func long(_ value: Int64) -> Code { [0x8a, 8] + little(value) }
    static func double(_ value: Double) -> Code { [0x47] + big(value.bitPattern) }
    static func bool(_ value: Bool) -> Code { [value ? 0x88 : 0x89] }

    static func text(_ value: String) -> Code {
        [0x58] + little(UInt32(value.utf8.count)) + Array(value.utf8)
    }

    static func global(_ module: String, _ name: String) -> Code {
        Array("c\(module)\n\(name)\n".utf8)
    }

    static func put(_ index: UInt8) -> Code { [0x71, index] }
    static func get(_ index: UInt8) -> Code { [0x68, index] }

    static func tuple(_ items: [Code]) -> Code { mark + items.joined() + [0x74] }
    static func list(_ items: [Code]) -> Code { emptyList + mark + items.joined() + [0x65] }

    static func setItems(_ entries: [(String, Code)]) -> Code {
        mark + entries.flatMap { text($0.0) + $0.1 } + [0x75]
    }

    static func dictionary(_ entries: [(String, Code)]) -> Code {
        emptyDictionary + setItems(entries)
    }

    static func call(_ callable: Code, _ arguments: [Code]) -> Code {
        callable + tuple(arguments) + [0x52]
    }

    static func object(_ callable: Code, state: Code) -> Code {
        callable + emptyTuple + [0x81] + state + [0x62]
    }

    static func orderedDictionary(_ entries: [(String, Code)]) -> Code {
        call(global("collections", "OrderedDict"), []) + setItems(entries)
    }

    static func storage(_ key: String, _ type: String = "FloatStorage", count: Int32) -> Code {
        storage(key, global("torch", type), count: int(count))
    }

    static func storage(_ key: String, _ type: Code, count: Code) -> Code {
        tuple([text("storage"), type, text(key), text("cpu"), count]) + [0x51]
    }

    static func tensor(
        _ storage: Code, offset: Code = int(0), sizes: [Int32], strides: [Int32]
    ) -> Code {
        call(
            global("torch._utils", "_rebuild_tensor_v2"),
            [
                storage, offset, tuple(sizes.map(int)), tuple(strides.map(int)), bool(false),
                orderedDictionary([]),
            ])
    }

    /// The identification of a storage in a legacy file.
    static func legacyStorage(
        _ key: String, _ type: String = "FloatStorage", count: Int64 = 1, window: Code = none
    ) -> Code {
        let count = long(count)
        return tuple([
            text("storage"), global("torch", type), text(key), text("cpu"), count, window,
        ]) + [0x51]
    }

    static func legacyVector(_ key: String) -> Code {
        tensor(legacyStorage(key), sizes: [1], strides: [1])
    }

    /// A module of class `nets.Net`.
    static func module(
        parameters: [(String, Code)] = [], buffers: [(String, Code)] = [],
        modules: [(String, Code)] = [], attributes: [(String, Code)] = []
    ) -> Code {
        object(
            global("nets", "Net"),
            state: moduleState(
                parameters: parameters, buffers: buffers, modules: modules,
                attributes: attributes))
    }

    static func moduleState(
        parameters: [(String, Code)] = [], buffers: [(String, Code)] = [],
        modules: [(String, Code)] = [], attributes: [(String, Code)] = []
    ) -> Code {
        dictionary(
            [
                ("training", bool(false)), ("_parameters", orderedDictionary(parameters)),
                ("_buffers", dictionary(buffers)), ("_modules", orderedDictionary(modules)),
            ] + attributes)
    }

    /// A vector over the whole of storage `key`.
    static func vector(_ key: String = "0", count: Int32 = 4) -> Code {
        tensor(storage(key, count: count), sizes: [count], strides: [1])
    }
}

/// Writes the archives of `torch.save`.
struct TorchWriter {
    var pickle: [UInt8]
    var storages: [String: [UInt8]] = ["0": floatBytes([1, 2, 3, 4])]
    var version: String? = "3\n"
    var byteOrder: String? = "little"
    var others: [ZipWriter.Member] = []

    /// `body` without PROTO and STOP.
    init(_ body: [UInt8]) { pickle = PickleWriter.file(body) }

    var bytes: [UInt8] {
        var members = [ZipWriter.Member("archive/data.pkl", pickle)]
        if let version { members.append(.init("archive/version", Array(version.utf8))) }
        if let byteOrder { members.append(.init("archive/byteorder", Array(byteOrder.utf8))) }
        for (key, data) in storages.sorted(by: { $0.key < $1.key }) {
            members.append(.init("archive/data/\(key)", data))
        }
        return ZipWriter(members + others).bytes
    }
}
