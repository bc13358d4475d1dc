/// The places of the reference checkpoints and their expected outputs in the source tree.
package enum Fixtures {
    /// The folder of one fixture, for example `het/hetxl-softmax-full`.
    package static func folder(_ name: String) -> String { directory(of: #filePath) + "/" + name }

    /// The folder of one of the demo models that ship with the server.
    package static func demoModel(_ name: String) -> String {
        let root = directory(of: directory(of: directory(of: #filePath)))
        return root + "/Sources/headserve/Models/" + name
    }

    private static func directory(of path: String) -> String {
        String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    }
}
