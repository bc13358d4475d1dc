import Digests
import Testing

/// The expected digests are those of FIPS 180-2, appendix B, and NIST's empty message.
@Suite struct SHA256Tests {
    static let twoBlocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"

    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (twoBlocks, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
    ])
    func `matches the published vectors`(message: String, expected: String) throws {
        #expect(try SHA256.digest(of: Array(message.utf8)).hexadecimal == expected)
    }

    @Test func `hashes a million letters in uneven pieces`() throws {
        let piece = [UInt8](repeating: UInt8(ascii: "a"), count: 997)
        var hash = try SHA256()
        var left = 1_000_000
        while left > 0 {
            let count = min(left, piece.count)
            try hash.update(piece.span.extracting(first: count))
            left -= count
        }
        let expected = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        #expect(try hash.finalize().description == expected)
    }

    @Test func `pieces do not change the digest`() throws {
        let message = (0..<200).map { UInt8($0) }
        let whole = try SHA256.digest(of: message)
        for cut in 0...message.count {
            var hash = try SHA256()
            try hash.update(message.span.extracting(first: cut))
            try hash.update(message.span.extracting(droppingFirst: cut))
            #expect(try hash.finalize() == whole)
        }
    }

    @Test func `digests differ when any bit of the message does`() throws {
        let message = [UInt8](repeating: 0x5a, count: 64)
        let original = try SHA256.digest(of: message)
        for bit in 0..<(8 * message.count) {
            var changed = message
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(try SHA256.digest(of: changed) != original)
        }
        #expect(original == (try SHA256.digest(of: message)))
        #expect(original.bytes.count == 32)
    }
}
