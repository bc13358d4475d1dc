internal import Synchronization

/// The bytes of one member of an archive, or of a whole file, whose checksum is computed when
/// they are first read, so that opening a large checkpoint touches only its headers.
final class MemberContents: Sendable {
    let name: String
    let path: String
    /// The bytes before their checksum was held against them: fit for headers only.
    let unverified: ByteView
    private let checksum: UInt32?
    private let isVerified: Atomic<Bool>

    var byteCount: Int { unverified.count }

    /// `checksum` is the CRC-32 that the archive declares, or nil where there is none.
    init(_ bytes: ByteView, path: String, name: String, checksum: UInt32?) {
        unverified = bytes
        self.path = path
        self.name = name
        self.checksum = checksum
        isVerified = Atomic(checksum == nil)
    }

    /// The bytes, once their checksum is found right. The first call costs one pass over them.
    func verified() throws(CheckpointError) -> ByteView {
        if isVerified.load(ordering: .relaxed) { return unverified }
        let computed = crc32(of: unverified)
        if let checksum, checksum != computed {
            let defect = ArchiveDefect.checksumMismatch(declared: checksum, computed: computed)
            throw .archive(path: path, member: name, defect: defect)
        }
        isVerified.store(true, ordering: .relaxed)
        return unverified
    }
}
