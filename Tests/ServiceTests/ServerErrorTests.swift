import Glibc
import Heads
import Sockets
import Testing

@testable import Service

/// Errors of the start: the whole argument, the reason, a way out.
@Suite struct ServerErrorTests {
    private static let path = ServiceOptions.ModelPath(
        name: nil, path: "x=1.pt", argument: "--model x=1.pt")

    @Test func `errors of a model begin with its argument`() {
        let missing = ModelError.unreadableFile(path: "x=1.pt", reason: "there is none")
        #expect(
            ServerError.model(Self.path, missing).description
                == "--model x=1.pt: cannot read x=1.pt: there is none")
        let invalid = ServerError.invalidModelName("x=1", of: Self.path).description
        #expect(
            invalid.hasPrefix("--model x=1.pt: 'x=1' cannot be a model's name, which has 1 to "))
        #expect(invalid.hasSuffix(": give it one, as in --model NAME=x=1.pt"))
        let other = ServiceOptions.ModelPath(name: "x", path: "y", argument: "HEADSERVE_MODEL x=y")
        #expect(
            ServerError.repeatedModelName("x", first: Self.path, second: other).description
                == "two models are called 'x', --model x=1.pt and HEADSERVE_MODEL x=y: give one "
                + "another name, as in --model NAME=y")
    }

    @Test func `a model that nobody named has its path as argument`() {
        #expect(ServiceOptions.ModelPath(name: "a", path: "/b").argument == "/b")
    }

    @Test(arguments: [
        (EADDRINUSE, "another process listens there; stop it, or give another --admin-port"),
        (EADDRNOTAVAIL, "this machine has no such address; give one that it has, or ::"),
        (EAFNOSUPPORT, "this machine has no IPv6; give an IPv4 address"),
        (EACCES, "this user may not bind the port; give --admin-port one above 1023"),
    ])
    func `an address that cannot be bound has a way out`(code: Int32, way: String) {
        let address = ListenAddress.admin(ServiceOptions(), port: 9)
        let error = SocketError.system(call: "bind", errno: code)
        let text = ServerError.listen(address, error).description
        let start = "cannot listen on --host 127.0.0.1 --admin-port 9: \(error): "
        #expect(text.hasPrefix(start + way), "\(text)")
    }

    @Test func `a host that is none is told the form of one`() {
        var options = ServiceOptions()
        options.host = "a:1"
        let error = ServerError.listen(.service(options), .unresolvedHost("a:1", code: -2))
        #expect(
            error.description
                == "cannot listen on --host a:1 --port 8080: cannot resolve a:1 (getaddrinfo -2): "
                + "--host is an address or a name without scheme and port, such as 127.0.0.1, ::1 "
                + "or localhost")
        #expect(
            ServerError.listen(.service(options), .portOutOfRange(-1)).description
                == "cannot listen on --host a:1 --port 8080: port -1 is not in 0...65535")
    }
}

@Suite struct CredentialsErrorTests {
    private static let files = TLSFiles(certificate: "/c", key: "/k", clientCA: "/a")

    @Test(
        arguments: [
            (
                TLSError.file(.unreadable(path: "/k", errno: ENOENT)),
                "--tls-key /k: /k: No such file"
            ),
            (
                .file(.notRegular(path: "/c")),
                "--tls-certificate /c: /c is not a regular file: give"
            ),
            (
                .noCertificate(path: "/a"),
                "--tls-client-ca /a: /a holds no certificate in PEM: it must"
            ),
            (.noKey(path: "/k"), "--tls-key /k: /k holds no private key"),
            (
                .encryptedKey(path: "/k"),
                "--tls-key /k: the key in /k is protected by a pass phrase: "
            ),
            (
                .keyMismatch(certificate: "/c", key: "/k"),
                "--tls-certificate /c --tls-key /k: the key in /k is not that of "
            ),
            (.unavailable(code: 0), "OpenSSL: "),
        ] as [(TLSError, String)])
    func `a file is named by its flag`(error: TLSError, start: String) {
        let text = CredentialsError(error, Self.files).description
        #expect(text.hasPrefix(start), "\(text)")
    }

    @Test func `a file of keys is named by its flag`() {
        #expect(
            CredentialsError(.keys(.none(path: "/keys")), keyFile: "/keys").description
                == "--api-key-file /keys: /keys holds no key")
        #expect(
            CredentialsError(.keyFile(.tooLong(path: "/keys", limit: 5)), keyFile: "/keys")
                .description
                == "--api-key-file /keys: /keys is longer than 5 bytes")
    }
}
