internal import HTTPMessages
internal import HTTPTypes
internal import InferenceAPI

extension HTTPHeaders: HeaderFields {
    package func value(ofHeader name: String) -> String? {
        HTTPField.Name(name).flatMap { self[$0] }
    }
}
