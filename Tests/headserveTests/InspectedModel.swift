import Foundation
import Heads

/// A folder with a safetensors file of zeros that tests inspect, gone with the value.
final class InspectedModel {
    let folder = NSTemporaryDirectory() + "headserve-inspection-" + UUID().uuidString
    var file: String { folder + "/model.safetensors" }
    let byteCount: Int

    /// - Parameters:
    ///   - tensors: of float32, in the order of the file.
    ///   - manifest: the text of `model.json`; nil for a lone file.
    init(_ tensors: [(name: String, shape: [Int])], manifest: String? = nil) throws {
        var offset = 0
        var members: [String] = []
        for (name, shape) in tensors {
            let end = offset + 4 * shape.reduce(1, *)
            let key = String(decoding: try JSONEncoder().encode(name), as: UTF8.self)
            members.append(
                #"\#(key):{"dtype":"F32","shape":\#(shape),"data_offsets":[\#(offset),\#(end)]}"#)
            offset = end
        }
        var header = Array("{\(members.joined(separator: ","))}".utf8)
        header += [UInt8](repeating: 0x20, count: -header.count & 7)
        let length = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) }
        let bytes = length + header + [UInt8](repeating: 0, count: offset)
        byteCount = bytes.count
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(filePath: file))
        if let manifest {
            try Data(manifest.utf8).write(to: URL(filePath: folder + "/model.json"))
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }
}
