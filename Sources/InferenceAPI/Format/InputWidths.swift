/// The input widths of the models that a request may ask for.
package struct InputWidths: Sendable {
    /// The width D ≥ 0 of the widest: no row of any request is longer.
    let largest: Int
    private let width: @Sendable (String?) throws(RequestError) -> Int

    /// - Parameters:
    ///   - largest: the largest width that `width` returns.
    ///   - width: the width of a model, nil being the server's first; throws `unknownModel`.
    package init(
        largest: Int, of width: @escaping @Sendable (String?) throws(RequestError) -> Int
    ) {
        self.largest = max(0, largest)
        self.width = width
    }

    func width(of model: String?) throws(RequestError) -> Int { max(0, try width(model)) }
}
