package import Heads
package import Sockets

/// An error that stops the start of a server, or a reload. Messages name the argument it is about.
package enum ServerError: Error, CustomStringConvertible {
    case noModels
    case model(ServiceOptions.ModelPath, ModelError)
    case repeatedModelName(
        String, first: ServiceOptions.ModelPath, second: ServiceOptions.ModelPath)
    case invalidModelName(String, of: ServiceOptions.ModelPath)
    /// A calibration for a model that is not served.
    case noSuchModel(String, of: ServiceOptions.CalibrationPath, known: [String])
    case listen(ListenAddress, SocketError)

    package var description: String {
        switch self {
        case .noModels: "there is no model to serve"
        case .model(let path, let error): "\(path.argument): \(error)"
        case .invalidModelName(let name, let path):
            "\(path.argument): '\(name)' cannot be a model's name, which has 1 to "
                + "\(ModelSet.maxNameBytes) letters, digits, dots, underscores and hyphens and "
                + "begins with a letter or digit: give it one, as in --model NAME=\(path.path)"
        case .repeatedModelName(let name, let first, let second):
            "two models are called '\(name)', \(first.argument) and \(second.argument): give one "
                + "another name, as in --model NAME=\(second.path)"
        case .noSuchModel(let name, let path, let known):
            "\(path.argument): no model is called '\(name)'; the models are "
                + known.joined(separator: ", ")
        case .listen(let address, let error): address.description(of: error)
        }
    }
}
