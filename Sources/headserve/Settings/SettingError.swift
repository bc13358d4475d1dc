/// A reason why the settings cannot be used.
enum SettingError: Error, CustomStringConvertible {
    case value(name: String, text: String, expected: String)
    case unknownKey(source: String, key: String, known: [String])
    case file(path: String, reason: String)
    /// A setting that has no effect without another one.
    case missing(String, neededBy: String)
    case samePort(String, String)

    var description: String {
        switch self {
        case .value(let name, let text, let expected):
            "\(name) is '\(text)', expected \(expected)"
        case .unknownKey(let source, let key, let known):
            "\(source) has the unknown key '\(key)'; the keys are "
                + known.joined(separator: ", ")
        case .file(let path, let reason):
            "\(path): \(reason)"
        case .missing(let name, let other):
            "\(other) is of no use without \(name)"
        case .samePort(let name, let other):
            "\(name) and \(other) name the same port"
        }
    }
}
