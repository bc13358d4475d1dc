internal import HTTPMessages
internal import HTTPTypes
internal import Heads
internal import InferenceAPI

/// The deadline of a request, in monotonic nanoseconds.
enum RequestDeadline {
    private static let field = HTTPField.Name(literal: "X-Request-Timeout-Ms")

    /// Monotonic nanoseconds. The client's header shortens the server's limit, never lengthens it.
    static func of(
        _ headers: HTTPHeaders, arrival: UInt64, max maxTimeout: UInt64
    ) throws(Refusal) -> UInt64 {
        var timeout = maxTimeout
        if let text = headers[field] {
            guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let wanted = UInt64(text),
                wanted > 0
            else { throw .timeoutHeader(text) }
            let (nanoseconds, overflow) = wanted.multipliedReportingOverflow(by: 1_000_000)
            if !overflow { timeout = min(timeout, nanoseconds) }
        }
        let (deadline, overflow) = arrival.addingReportingOverflow(timeout)
        return overflow ? .max : deadline
    }
}

/// Choice of the format of a body by its `Content-Type`.
enum BodyType {
    /// The first format that reads the type; a body without a type is of the first format.
    static func format(
        _ headers: HTTPHeaders, of formats: [any WireFormat]
    ) throws(Refusal) -> any WireFormat {
        guard let first = formats.first else { preconditionFailure("a prediction has a format") }
        if headers.has(.contentType, only: first.mediaType) { return first }
        guard let type = headers[.contentType] else { return first }
        let essence = type.prefix { $0 != ";" }.trimmingSpaces().lowercased()
        guard
            let format = formats.first(where: {
                $0.mediaType == essence || $0.otherMediaTypes.contains(essence)
            })
        else {
            throw .contentType(type, formats: formats)
        }
        return format
    }
}

extension Substring {
    fileprivate func trimmingSpaces() -> Substring {
        let start = self.drop { $0 == " " || $0 == "\t" }
        guard let end = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
        return start[...end]
    }
}

extension LabelIndex {
    /// The indices of labels that a request names, below `classCount`; all of them different.
    func indices(
        of names: [LabelName], _ fields: RequestFields, classCount: Int
    ) throws(Refusal) -> [Int] {
        if names.isEmpty { return [] }
        var seen: Set<Int> = []
        var indices: [Int] = []
        indices.reserveCapacity(names.count)
        for (place, name) in names.enumerated() {
            do throws(RequestError) {
                let field = fields.parameter("labels", element: place)
                let index = try index(of: name, field, classCount: classCount)
                guard seen.insert(index).inserted else { throw .labelRepeated(field, name) }
                indices.append(index)
            } catch {
                throw Refusal(error)
            }
        }
        return indices
    }

    private func index(
        of name: LabelName, _ field: RequestField, classCount: Int
    ) throws(RequestError) -> Int {
        switch name {
        case .index(let index):
            guard let index, index < UInt64(classCount) else { throw .unknownLabel(field, name) }
            return Int(index)
        case .name(let text):
            switch match(text) {
            case .one(let index): return index
            case .several: throw .unknownLabel(field, name, isAmbiguous: true)
            case nil: throw .unknownLabel(field, name)
            }
        }
    }
}
