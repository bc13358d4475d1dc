/// Places of the parameters and instances in the requests of one format, for naming mistakes.
package struct RequestFields: Sendable, Equatable {
    /// The place of all instances.
    package let instances: RequestField
    /// The object that holds the parameters; nil where they are the query string's.
    private let parameters: JSONPointer?

    /// A JSON object with everything in it.
    package static let json = RequestFields(
        instances: .body(RowReader.pointer), parameters: JSONPointer().appending("parameters"))
    /// A NumPy array of rows; the rest stands in the query string.
    package static let array = RequestFields(instances: .array, parameters: nil)

    init(instances: RequestField, parameters: JSONPointer?) {
        self.instances = instances
        self.parameters = parameters
    }

    /// The place of the parameter of this name.
    package func parameter(_ name: String) -> RequestField {
        parameters.map { .body($0.appending(name)) } ?? .query(name)
    }

    /// The place of an element of the parameter of this name.
    package func parameter(_ name: String, element index: Int) -> RequestField {
        guard case .body(let pointer) = parameter(name) else { return .query(name) }
        return .body(pointer.appending(index))
    }

    /// The place of one instance.
    package func instance(_ index: Int) -> RequestField {
        guard case .body(let pointer) = instances else { return .row(index) }
        return .body(pointer.appending(index))
    }
}
