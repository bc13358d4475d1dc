import Testing

@testable import InferenceAPI

/// Bodies for a model of three inputs, and what a client is told about them.
@Suite struct RequestErrorTests {
    static func parameters(_ json: String) -> String {
        #"{"instances": [[1,2,3],[4,5,6]], "parameters": \#(json)}"#
    }

    static func instance(_ json: String) -> String { #"{"instances": [[1,2,3], \#(json)]}"# }

    @Test(arguments: [
        ("[]", Verdict(400, "wrong_type", "")),
        ("3", Verdict(400, "wrong_type", "")),
        ("null", Verdict(400, "wrong_type", "")),
        (#"{"instances": {}}"#, Verdict(400, "wrong_type", "/instances")),
        (#"{"instances": [1, 2, 3]}"#, Verdict(400, "wrong_type", "/instances/0")),
        (#"{"instances": [[1,2,3]], "model": 1}"#, Verdict(400, "wrong_type", "/model")),
        (#"{"instances": [[1,2,3]], "model": null}"#, Verdict(400, "wrong_type", "/model")),
        (#"{"instances": [[1,2,3]], "parameters": []}"#, Verdict(400, "wrong_type", "/parameters")),
        (instance("[1, \"2\", 3]"), Verdict(400, "wrong_type", "/instances/1/1")),
        (instance("[1, 2, [3]]"), Verdict(400, "wrong_type", "/instances/1/2")),
        (instance("[null, 2, 3]"), Verdict(400, "wrong_type", "/instances/1/0")),
        (instance("[true, 2, 3]"), Verdict(400, "wrong_type", "/instances/1/0")),
        (instance("null"), Verdict(400, "wrong_type", "/instances/1")),
        ("{}", Verdict(422, "missing_key", "/instances")),
        (#"{"instances": []}"#, Verdict(422, "empty_instances", "/instances")),
        (instance("[]"), Verdict(422, "wrong_width", "/instances/1")),
        (instance("[1, 2]"), Verdict(422, "wrong_width", "/instances/1")),
        (instance("[1, 2, 3, 4]"), Verdict(422, "wrong_width", "/instances/1")),
        (instance("[1, 2, 3, \"x\"]"), Verdict(422, "wrong_width", "/instances/1")),
    ])
    func `documents and rows`(body: String, verdict: Verdict) {
        #expect(Verdict(failure(body)) == verdict)
    }

    @Test(arguments: [
        (#"{"foo": 1, "instances": [[1,2,3]]}"#, Verdict(400, "unknown_key", "/foo")),
        (#"{"instances": [[1,2,3]], "a/b~c": 1}"#, Verdict(400, "unknown_key", "/a~1b~0c")),
        (#"{"": 1}"#, Verdict(400, "unknown_key", "/")),
        (#"{"Instances": []}"#, Verdict(400, "unknown_key", "/Instances")),
        (parameters(#"{"foo": 1}"#), Verdict(400, "unknown_key", "/parameters/foo")),
        (instance(#"{"indices": [], "x": []}"#), Verdict(400, "unknown_key", "/instances/1/x")),
        (#"{"model": "a", "model": "a"}"#, Verdict(400, "repeated_key", "/model")),
        (#"{"model": "a", "mod\u0065l": "a"}"#, Verdict(400, "repeated_key", "/model")),
        (
            parameters(#"{"top_k": 1, "seed": 1, "top_k": 1}"#),
            Verdict(400, "repeated_key", "/parameters/top_k")
        ),
        (
            instance(#"{"indices": [], "values": [], "indices": []}"#),
            Verdict(400, "repeated_key", "/instances/1/indices")
        ),
    ])
    func `unknown and repeated keys`(body: String, verdict: Verdict) {
        #expect(Verdict(failure(body)) == verdict)
    }

    @Test(arguments: [
        (#"{"indices": [0]}"#, Verdict(422, "missing_key", "/instances/1/values")),
        (#"{"values": [0]}"#, Verdict(422, "missing_key", "/instances/1/indices")),
        (#"{"indices": 0, "values": [0]}"#, Verdict(400, "wrong_type", "/instances/1/indices")),
        (#"{"indices": [0], "values": {}}"#, Verdict(400, "wrong_type", "/instances/1/values")),
        (
            #"{"indices": [0, 1], "values": [1]}"#,
            Verdict(422, "sparse_lengths", "/instances/1/values")
        ),
        (
            #"{"indices": [0, 1], "values": [1, 2, 3]}"#,
            Verdict(422, "sparse_lengths", "/instances/1/values")
        ),
        (
            #"{"indices": [2, 0, 2], "values": [1, 2, 3]}"#,
            Verdict(422, "index_repeated", "/instances/1/indices/2")
        ),
        (
            #"{"indices": [2, 1, 0, 1, 2, 9], "values": []}"#,
            Verdict(422, "index_repeated", "/instances/1/indices/3")
        ),
        (
            #"{"indices": [0, 1, 9, 1], "values": []}"#,
            Verdict(422, "index_outside", "/instances/1/indices/2")
        ),
        (
            #"{"indices": [1, 1, "x"], "values": []}"#,
            Verdict(422, "index_repeated", "/instances/1/indices/1")
        ),
        (
            #"{"indices": [2, 3], "values": [1, 2]}"#,
            Verdict(422, "index_outside", "/instances/1/indices/1")
        ),
        (
            #"{"indices": [-1], "values": [1]}"#,
            Verdict(422, "index_outside", "/instances/1/indices/0")
        ),
        (
            #"{"indices": [18446744073709551616], "values": [1]}"#,
            Verdict(422, "index_outside", "/instances/1/indices/0")
        ),
        (
            #"{"indices": [1.0], "values": [1]}"#,
            Verdict(400, "wrong_type", "/instances/1/indices/0")
        ),
        (
            #"{"indices": [0, "1"], "values": [1, 2]}"#,
            Verdict(400, "wrong_type", "/instances/1/indices/1")
        ),
        (
            #"{"indices": [0, 1], "values": [1, null]}"#,
            Verdict(400, "wrong_type", "/instances/1/values/1")
        ),
        (
            #"{"indices": [0, 1], "values": [1, 1e39]}"#,
            Verdict(422, "not_finite", "/instances/1/values/1")
        ),
    ])
    func `sparse rows`(row: String, verdict: Verdict) {
        #expect(Verdict(failure(Self.instance(row))) == verdict)
    }

    @Test(arguments: [
        ("top_k", "-1", 422), ("top_k", "5.0", 400), ("top_k", "1e1", 400), ("top_k", "\"5\"", 400),
        ("top_k", "18446744073709551616", 422), ("top_k", "null", 400), ("top_k", "true", 400),
        ("samples", "0", 422), ("samples", "-5", 422), ("samples", "10.5", 400),
        ("samples", "9223372036854775808", 422), ("samples", "[1]", 400),
        ("seed", "-1", 422), ("seed", "18446744073709551616", 422), ("seed", "1.5", 400),
        ("seed", "\"x\"", 400), ("seed", "{}", 400), ("seed", "[]", 422), ("seed", "[1]", 422),
        ("seed", "[1, 2, 3]", 422),
        ("estimator", "\"exact\"", 422), ("estimator", "1", 400),
        ("outputs", "\"probabilities\"", 400), ("outputs", "null", 400),
        ("tolerance", "0", 422), ("tolerance", "-0.1", 422), ("tolerance", "\"1\"", 400),
        ("min_probability", "-1e-300", 422), ("min_probability", "1.0000000000000002", 422),
        ("labels", "3", 400), ("labels", "[]", 422), ("labels", "{}", 400),
        ("min_probability", "\"0\"", 400), ("min_probability", "null", 400),
    ])
    func `parameter types and ranges`(name: String, value: String, status: Int) {
        let codes = [400: ["wrong_type"], 422: ["out_of_range", "unknown_choice", "seed_count"]]
        let error = failure(Self.parameters(#"{"\#(name)": \#(value)}"#))
        #expect(error?.status == status)
        #expect(error?.pointer?.text == "/parameters/\(name)")
        #expect(codes[status]?.contains(error?.code ?? "") == true)
    }

    @Test(arguments: [
        (#"{"seed": [1, -2]}"#, Verdict(422, "out_of_range", "/parameters/seed/1")),
        (#"{"seed": [1, 2.0]}"#, Verdict(400, "wrong_type", "/parameters/seed/1")),
        (
            #"{"outputs": ["probabilities", 1]}"#,
            Verdict(400, "wrong_type", "/parameters/outputs/1")
        ),
        (
            #"{"outputs": ["probabilities", "probabilities"]}"#,
            Verdict(422, "repeated_choice", "/parameters/outputs/1")
        ),
        (#"{"labels": [1, 2.0]}"#, Verdict(400, "wrong_type", "/parameters/labels/1")),
        (#"{"labels": [1, null]}"#, Verdict(400, "wrong_type", "/parameters/labels/1")),
        (#"{"labels": [true]}"#, Verdict(400, "wrong_type", "/parameters/labels/0")),
        (#"{"outputs": ["logits"]}"#, Verdict(422, "unknown_choice", "/parameters/outputs/0")),
        (#"{"top_k": 1e999}"#, Verdict(422, "not_finite", "/parameters/top_k")),
    ])
    func `places inside parameters`(json: String, verdict: Verdict) {
        #expect(Verdict(failure(Self.parameters(json))) == verdict)
    }

    @Test func `messages name the numbers and limits`() {
        #expect(
            failure(Self.instance("[1, 2]"))?.description
                == "/instances/1: expected 3 numbers, found 2")
        #expect(
            failure(Self.instance("[1, 2, 3, 4, 5]"))?.description
                == "/instances/1: expected 3 numbers, found 5")
        #expect(
            failure(Self.parameters(#"{"samples": 0}"#))?.description
                == "/parameters/samples: expected 1 to 100000")
        #expect(
            failure(Self.parameters(#"{"top_k": 5.0}"#))?.description
                == "/parameters/top_k: expected an unsigned integer, "
                + "found a number with a fraction or an exponent")
        #expect(
            failure(Self.parameters(#"{"estimator": "x"}"#))?.description
                == "/parameters/estimator: 'x' is not one of "
                + "auto, monte-carlo or quasi-monte-carlo")
    }

    @Test(arguments: ["[0.5, 1, 2]", "[1, 2, 3]", "[[1, 2, 3], 4]", "[1, 2, 3, 4, 5, 6]"])
    func `numbers in the place of instances are told where to go`(_ instances: String) {
        let index = instances.hasPrefix("[[") ? 1 : 0
        let found =
            instances.hasPrefix("[0.5")
            ? "a number with a fraction or an exponent"
            : "an integer"
        #expect(
            failure(#"{"instances": \#(instances)}"#, limits: RequestLimits(maxRows: 4))?
                .description
                == "/instances/\(index): expected an array or an object, found \(found); an "
                + "instance is an array of numbers, within the array of instances even if it is "
                + "the only one: [[1, 2]]")
    }

    @Test func `other mistakes are not told so`() {
        let text = failure(#"{"instances": ["a"]}"#)?.description
        #expect(text == "/instances/0: expected an array or an object, found a string")
        let limits = RequestLimits(maxRows: 2)
        #expect(failure(#"{"instances": [[1,2,3],[1,2,3],4]}"#, limits: limits)?.status == 413)
    }

    @Test func `an unknown model is told from those that there are`() {
        func text(_ known: [String]) -> String {
            RequestError.unknownModel("x", known: known).description
        }
        #expect(text([]) == "there is no model 'x'")
        #expect(text(["a"]) == "there is no model 'x'; the only one is a")
        #expect(text(["a", "b", "c"]) == "there is no model 'x'; there are a, b and c")
        let many = (0..<10).map { "m\($0)" }
        #expect(text(many).hasSuffix("there are m0, m1, m2, m3, m4, m5, m6, m7 and 2 more"))
    }

    @Test(arguments: [99, 100, 101])
    func `messages cut long texts`(length: Int) {
        let name = String(repeating: "é", count: length)
        let shown = String(repeating: "é", count: min(length, 100)) + (length > 100 ? "…" : "")
        #expect(
            RequestError.unknownModel(name).description == "there is no model '\(shown)'")
    }
}
