/// A key of `model.json` with the value that holds for the model.
package struct ManifestSetting: Sendable, Equatable, Encodable {
    /// The source of a value. Raw values are printed to users.
    package enum Source: String, Sendable, Encodable {
        case manifest = "told"
        case checkpoint = "file"
        /// Neither of them gives it.
        case defaultValue = "default"
        /// None: `model.json` must give it.
        case missing
    }

    package var key: String
    /// The value as text; nil where it is missing, or where the default is none.
    package var value: String?
    package var source: Source
}
