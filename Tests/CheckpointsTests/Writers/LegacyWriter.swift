/// Writes PyTorch files of the legacy format by its description, right ones and wrong ones.
struct LegacyWriter {
    typealias P = PickleWriter

    /// The pickles without PROTO and STOP.
    var version = P.int(1001)
    var system = P.dictionary([("protocol_version", P.int(1001)), ("little_endian", P.bool(true))])
    var object: [UInt8]
    /// The fifth pickle; by default the keys of `storages`.
    var keys: [UInt8]?
    /// Key, count and elements.
    var storages: [(String, Int64, [UInt8])]
    var rest: [UInt8] = []

    /// With storages of one float, 2.5, called `keys`.
    init(_ object: [UInt8], keys: [String] = ["0"]) {
        self.object = object
        storages = keys.map { ($0, 1, floatBytes([2.5])) }
    }

    var bytes: [UInt8] {
        let magic: [UInt8] = [
            0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19,
        ]
        let keys = keys ?? P.list(storages.map { P.text($0.0) })
        let pickles = [magic, version, system, object, keys].map(P.file)
        return pickles.flatMap { $0 } + storages.flatMap { little($0.1) + $0.2 } + rest
    }
}
