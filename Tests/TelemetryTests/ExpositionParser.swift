/// A strict reader of the Prometheus text format 0.0.4, written from the format's description and
/// sharing nothing with the writer.
struct Exposition {
    struct Sample: Equatable {
        let name: String
        let labels: [String: String]
        let value: Double
    }

    struct Metric {
        let name: String
        let help: String
        let type: String
        var samples: [Sample] = []
    }

    struct Malformed: Error {
        let line: String
        let reason: String
    }

    private(set) var metrics: [Metric] = []

    init(_ bytes: [UInt8]) throws {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Malformed(line: "", reason: "not UTF-8")
        }
        guard text.isEmpty || text.utf8.last == UInt8(ascii: "\n") else {
            throw Malformed(line: "", reason: "the last line does not end")
        }
        var help: (name: String, text: String)?
        // Scalars, because a carriage return and the line feed behind it are one Character.
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        for line in lines.dropLast().map({ Substring($0) }) {
            let words = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
            if line.hasPrefix("# HELP ") {
                help = (String(words[2]), words.count > 3 ? String(words[3]) : "")
            } else if line.hasPrefix("# TYPE ") {
                try startMetric(words.map(String.init), help: help, line: String(line))
            } else {
                try addSample(String(line))
            }
        }
        for metric in metrics { try Self.check(metric) }
    }

    subscript(name: String) -> Metric? { metrics.first { $0.name == name } }

    private mutating func startMetric(
        _ words: [String], help: (name: String, text: String)?, line: String
    ) throws {
        guard words.count == 4, let help, help.name == words[2],
            ["counter", "gauge", "histogram"].contains(words[3])
        else { throw Malformed(line: line, reason: "TYPE without its HELP") }
        if self[help.name] != nil { throw Malformed(line: line, reason: "metric appears twice") }
        metrics.append(Metric(name: help.name, help: help.text, type: words[3]))
    }

    private mutating func addSample(_ line: String) throws {
        let sample = try Self.sample(line)
        guard let metric = metrics.last else { throw Malformed(line: line, reason: "no TYPE") }
        let suffixes = metric.type == "histogram" ? ["_bucket", "_sum", "_count"] : [""]
        guard suffixes.contains(where: { metric.name + $0 == sample.name }) else {
            throw Malformed(line: line, reason: "does not belong to \(metric.name)")
        }
        if metric.samples.contains(where: { $0.name == sample.name && $0.labels == sample.labels })
        {
            throw Malformed(line: line, reason: "sample appears twice")
        }
        metrics[metrics.count - 1].samples.append(sample)
    }

    private static func sample(_ line: String) throws -> Sample {
        var rest = Substring(line)
        let name = rest.prefix { $0 != "{" && $0 != " " }
        guard name.wholeMatch(of: /[a-zA-Z_:][a-zA-Z0-9_:]*/) != nil else {
            throw Malformed(line: line, reason: "name")
        }
        rest.removeFirst(name.count)
        var labels: [String: String] = [:]
        if rest.first == "{" {
            rest.removeFirst()
            while rest.first != "}" { try label(&rest, into: &labels, line: line) }
            rest.removeFirst()
        }
        guard rest.first == " ", let value = value(rest.dropFirst()) else {
            throw Malformed(line: line, reason: "value")
        }
        return Sample(name: String(name), labels: labels, value: value)
    }

    private static func label(
        _ rest: inout Substring, into labels: inout [String: String], line: String
    ) throws {
        if !labels.isEmpty, rest.popFirst() != "," { throw Malformed(line: line, reason: ",") }
        guard let match = rest.prefixMatch(of: /([a-zA-Z_][a-zA-Z0-9_]*)="/) else {
            throw Malformed(line: line, reason: "label name")
        }
        rest = rest[match.range.upperBound...]
        var value = ""
        while let character = rest.unicodeScalars.popFirst(), character != "\"" {
            guard character == "\\" else {
                value.unicodeScalars.append(character)
                continue
            }
            switch rest.unicodeScalars.popFirst() {
            case "\\": value += "\\"
            case "n": value += "\n"
            case "\"": value += "\""
            default: throw Malformed(line: line, reason: "escape")
            }
        }
        if labels.updateValue(value, forKey: String(match.1)) != nil {
            throw Malformed(line: line, reason: "label appears twice")
        }
    }

    private static func value(_ text: Substring) -> Double? {
        switch text {
        case "+Inf": .infinity
        case "-Inf": -.infinity
        case "NaN": .nan
        default: text.contains(where: \.isLetter) && !text.contains("e") ? nil : Double(text)
        }
    }

    /// A histogram's buckets ascend, cumulate, end in `+Inf`, and that bucket is the count.
    private static func check(_ metric: Metric) throws {
        guard metric.type == "histogram" else { return }
        let children = Dictionary(grouping: metric.samples) { sample in
            sample.labels.filter { $0.key != "le" }
        }
        for (labels, samples) in children {
            let buckets = samples.filter { $0.name.hasSuffix("_bucket") }
            let bounds = buckets.map { value(Substring($0.labels["le"] ?? "")) ?? .nan }
            let counts = buckets.map(\.value)
            let count = samples.first { $0.name == metric.name + "_count" }?.value
            guard bounds.last == .infinity, zip(bounds, bounds.dropFirst()).allSatisfy({ $0 < $1 }),
                zip(counts, counts.dropFirst()).allSatisfy({ $0 <= $1 }), counts.last == count,
                samples.contains(where: { $0.name == metric.name + "_sum" })
            else { throw Malformed(line: metric.name, reason: "histogram \(labels)") }
        }
    }
}
