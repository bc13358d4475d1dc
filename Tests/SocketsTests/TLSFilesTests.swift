import Foundation
import Testing

@testable import Sockets

/// A folder that is gone when the test is over.
final class TestFolder {
    let path = FileManager.default.temporaryDirectory
        .appending(path: "headserve-\(UUID().uuidString)").path(percentEncoded: false)

    init() throws {
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    @discardableResult
    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        let file = path + "/" + name
        try Data(bytes).write(to: URL(filePath: file))
        return file
    }
}

@Suite struct SmallFileTests {
    @Test(arguments: -1...1) func `a file may be as long as the limit`(excess: Int) throws {
        let folder = try TestFolder()
        let bytes = [UInt8](repeating: 7, count: 100 + excess)
        let path = try folder.write("file", bytes)
        if excess > 0 {
            #expect(throws: SmallFileError.tooLong(path: path, limit: 100)) {
                try SmallFile.read(path, limit: 100)
            }
        } else {
            #expect(try SmallFile.read(path, limit: 100) == bytes)
        }
    }

    @Test func `an empty file is no error`() throws {
        let folder = try TestFolder()
        #expect(try SmallFile.read(folder.write("file", []), limit: 100).isEmpty)
    }

    @Test func `what is missing or no file is told by name`() throws {
        let folder = try TestFolder()
        let missing = folder.path + "/missing"
        #expect(throws: SmallFileError.unreadable(path: missing, errno: ENOENT)) {
            try SmallFile.read(missing, limit: 1)
        }
        for path in [folder.path, "/dev/null"] {
            #expect(throws: SmallFileError.notRegular(path: path)) {
                try SmallFile.read(path, limit: 1)
            }
        }
        #expect(
            SmallFileError.unreadable(path: "/a", errno: ENOENT).description
                == "/a: No such file or directory")
    }
}

@Suite struct TLSFilesTests {
    @Test func `the key has to be that of the certificate`() throws {
        let authority = try TestAuthority()
        let (chain, _) = try authority.issue("one")
        let (_, key) = try authority.issue("two")
        #expect(throws: TLSError.keyMismatch(certificate: "one.pem", key: "two.key")) {
            try TLSCredentials(certificate: chain, key: key)
        }
    }

    @Test func `files that hold something else are told by name`() throws {
        let authority = try TestAuthority()
        let (chain, key) = try authority.issue("one")
        let nothing = PEM(path: "n", bytes: Array("nothing".utf8))
        #expect(throws: TLSError.noCertificate(path: "n")) { try nothing.certificates() }
        #expect(throws: TLSError.noCertificate(path: "one.key")) { try key.certificates() }
        #expect(throws: TLSError.noKey(path: "n")) { try nothing.privateKey() }
        #expect(throws: TLSError.noKey(path: "one.pem")) { try chain.privateKey() }
        #expect(throws: TLSError.encryptedKey(path: "locked.key")) {
            try TestAuthority.encryptedKey().privateKey()
        }
    }

    @Test func `a damaged certificate is not passed over`() throws {
        let (chain, _) = try TestAuthority().issue("one")
        var bytes = chain.bytes
        // In the middle of the first of two certificates' base64.
        bytes[200] = UInt8(ascii: "*")
        let damaged = PEM(path: "damaged.pem", bytes: bytes)
        #expect(
            throws: (any Error).self,
            performing: { try damaged.certificates() })
        do { _ = try damaged.certificates() } catch {
            #expect(error.description.hasPrefix("damaged.pem is damaged: "))
        }
    }

    @Test(arguments: [
        (-1...1, nil), (-3 ... -2, TLSCertificateDefect.expired), (2...3, .notYetValid),
    ])
    func `a certificate out of its time is used and told`(
        days: ClosedRange<Int>, defect: TLSCertificateDefect?
    ) throws {
        let authority = try TestAuthority()
        #expect(try authority.serverContext(days: days).certificateDefect == defect)
    }

    @Test func `files are exchanged together or not at all`() throws {
        let (folder, authority) = (try TestFolder(), try TestAuthority())
        let (first, second) = (try authority.issue("first"), try authority.issue("second"))
        let files = TLSFiles(
            certificate: try folder.write("certificate", first.chain.bytes),
            key: try folder.write("key", first.key.bytes))
        let box = try TLSContextBox(files: files, applicationProtocol: "http/1.1")
        let before = box.current
        try folder.write("certificate", second.chain.bytes)
        #expect(throws: TLSError.keyMismatch(certificate: files.certificate, key: files.key)) {
            try box.use(box.load())
        }
        #expect(box.current === before)
        try folder.write("key", second.key.bytes)
        try box.use(box.load())
        #expect(box.current !== before)
    }
}
