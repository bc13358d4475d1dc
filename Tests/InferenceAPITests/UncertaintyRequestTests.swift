import Predictions
import Testing

@testable import InferenceAPI

/// Parameters that ask how sure an answer is: their ranges, and the ones that need or exclude each
/// other.
@Suite struct UncertaintyRequestTests {
    static func body(_ parameters: String) -> String {
        #"{"instances": [[1,2,3]], "parameters": {\#(parameters)}}"#
    }

    static func query(_ text: String) throws(RequestError) -> PredictParameters {
        try QueryParameters(text, limits: RequestLimits()).parameters(instanceCount: 1)
    }

    static func queryVerdict(_ text: String) -> Verdict? {
        do throws(RequestError) {
            _ = try query(text)
            return nil
        } catch {
            return Verdict(error)
        }
    }

    @Test func `all of them are read`() throws {
        let json = try decode(
            Self.body(
                #"""
                "certify": "top_1", "delta": 0.01, "coverage": 0.9, "abstain_below": 0.5,
                "outputs": ["histogram", "quantiles", "vote_share"],
                "quantile_levels": [0.1, 5e-1, 0.975]
                """#)
        ).parameters
        #expect(json.certificate == .topOne && json.delta == 0.01 && json.certifyDelta == 0.01)
        #expect(json.coverage == 0.9 && json.abstainBelow == 0.5)
        #expect(json.outputs == [.histogram, .quantiles, .voteShare])
        #expect(json.quantileLevels == [0.1, 0.5, 0.975])
        #expect(json.wantedLevels == [0.1, 0.5, 0.975])
        let query = try Self.query(
            "certify=top_1&delta=0.01&coverage=0.9&abstain_below=0.5"
                + "&outputs=histogram,quantiles,vote_share&quantile_levels=0.1,5e-1,0.975")
        #expect(query == json)
    }

    @Test func `what is left out has a default or none`() throws {
        let plain = try decode(Self.body("")).parameters
        #expect(plain.certifyDelta == nil && plain.wantedLevels.isEmpty)
        #expect(plain.coverage == nil && plain.abstainBelow == nil && plain.tolerance == nil)
        let asked = try decode(Self.body(#""certify": "top_1", "outputs": ["quantiles"]"#))
        #expect(asked.parameters.certifyDelta == 0.05)
        #expect(asked.parameters.wantedLevels == [0.05, 0.5, 0.95])
    }

    // MARK: Ranges

    /// Each bound with the numbers beside it; a nil verdict is a number that is taken.
    @Test(
        arguments: [
            ("tolerance", "5e-324", true), ("tolerance", "0", false),
            ("tolerance", "-5e-324", false), ("tolerance", "1.7976931348623157e308", true),
            ("delta", "5e-324", true), ("delta", "0", false), ("delta", "-0.0", false),
            ("delta", "0.5", true), ("delta", "0.49999999999999994", true),
            ("delta", "0.5000000000000001", false),
            ("coverage", "5e-324", true), ("coverage", "0", false), ("coverage", "-1", false),
            ("coverage", "0.9999999999999999", true), ("coverage", "1", false),
            ("coverage", "1.0000000000000002", false),
            ("abstain_below", "0", true), ("abstain_below", "-5e-324", false),
            ("abstain_below", "1", true), ("abstain_below", "0.9999999999999999", true),
            ("abstain_below", "1.0000000000000002", false),
        ])
    func `numbers have ranges`(name: String, value: String, isTaken: Bool) {
        let certify = name == "delta"
        let json = Self.body(#"\#(certify ? #""certify": "top_1", "# : "")"\#(name)": \#(value)"#)
        let query = "\(certify ? "certify=top_1&" : "")\(name)=\(value)"
        let pointer = "/parameters/\(name)"
        #expect(Verdict(failure(json)) == (isTaken ? nil : Verdict(422, "out_of_range", pointer)))
        #expect(Self.queryVerdict(query) == (isTaken ? nil : Verdict(422, "out_of_range", nil)))
    }

    @Test(arguments: ["tolerance", "delta", "coverage", "abstain_below"])
    func `numbers are numbers`(name: String) {
        for value in [#""0.1""#, "null", "true", "[0.1]", "{}"] {
            #expect(
                Verdict(failure(Self.body(#""\#(name)": \#(value)"#)))
                    == Verdict(400, "wrong_type", "/parameters/\(name)"))
        }
        #expect(
            Verdict(failure(Self.body(#""\#(name)": 1e999"#)))
                == Verdict(422, "not_finite", "/parameters/\(name)"))
        for value in ["", "x", "nan", "0.1,0.2", "0x1p-3", "+0.1"] {
            #expect(Self.queryVerdict("\(name)=\(value)") == Verdict(400, "malformed_query", nil))
        }
    }

    @Test func `a certificate is of the leader`() {
        #expect(
            Verdict(failure(Self.body(#""certify": "top_2""#)))
                == Verdict(422, "unknown_choice", "/parameters/certify"))
        for value in ["true", "1", "null", #"["top_1"]"#] {
            #expect(
                Verdict(failure(Self.body(#""certify": \#(value)"#)))
                    == Verdict(400, "wrong_type", "/parameters/certify"))
        }
        #expect(Self.queryVerdict("certify=") == Verdict(422, "unknown_choice", nil))
        #expect(
            failure(Self.body(#""certify": "leader""#))?.description
                == "/parameters/certify: 'leader' is not one of top_1")
    }

    // MARK: Levels

    static func levels(_ list: String) -> String {
        body(#""outputs": ["quantiles"], "quantile_levels": \#(list)"#)
    }

    /// The place of the bad level; nil for the list as a whole.
    @Test(
        arguments: [
            ("[0]", 0), ("[5e-324]", nil), ("[1]", 0), ("[0.9999999999999999]", nil),
            ("[-0.5, 0.5]", 0), ("[0.5, 0.5]", 1), ("[0.5, 0.5000000000000001]", nil),
            ("[0.5, 0.49999999999999994]", 1), ("[0.1, 0.2, 0.15, 2]", 2), ("[0.1, 1.5]", 1),
        ] as [(String, Int?)])
    func `levels increase between 0 and 1`(list: String, place: Int?) {
        let verdict = place.map {
            Verdict(422, "out_of_range", "/parameters/quantile_levels/\($0)")
        }
        #expect(Verdict(failure(Self.levels(list))) == verdict)
        let items = list.dropFirst().dropLast().filter { $0 != " " }
        #expect(
            Self.queryVerdict("outputs=quantiles&quantile_levels=\(items)")
                == place.map { _ in Verdict(422, "out_of_range", nil) })
    }

    @Test func `a level that does not increase is told from which on it would`() {
        #expect(
            failure(Self.levels("[0.25, 0.25]"))?.description
                == "/parameters/quantile_levels/1: expected above 0.25 and below 1")
        #expect(
            failure(Self.levels("[0]"))?.description
                == "/parameters/quantile_levels/0: expected above 0 and below 1")
    }

    @Test(arguments: [("[0.5, \"0.6\"]", "/1"), ("[null]", "/0"), ("0.5", ""), ("{}", "")])
    func `levels are a list of numbers`(list: String, place: String) {
        #expect(
            Verdict(failure(Self.levels(list)))
                == Verdict(400, "wrong_type", "/parameters/quantile_levels" + place))
    }

    @Test(arguments: [0, 1, 31, 32, 33]) func `levels are limited`(count: Int) throws {
        // Thirty-thirds of one, so that all of them increase.
        let values = (0..<count).map { Double($0 + 1) / 34 }
        let list = values.map { "\($0)" }.joined(separator: ",")
        let json = Self.levels("[\(list)]")
        let query = "outputs=quantiles&quantile_levels=\(list)"
        if (1...32).contains(count) {
            #expect(try decode(json).parameters.wantedLevels == values)
            #expect(try Self.query(query).wantedLevels == values)
        } else {
            let error = failure(json)
            #expect(Verdict(error) == Verdict(422, "out_of_range", "/parameters/quantile_levels"))
            #expect(
                error?.description == "/parameters/quantile_levels: expected 1 to 32 levels")
            #expect(
                Self.queryVerdict(query)
                    == (count == 0
                        ? Verdict(400, "malformed_query", nil)
                        : Verdict(422, "out_of_range", nil)))
        }
    }

    // MARK: Parameters beside each other

    @Test(
        arguments: [
            (#""tolerance": 0.1, "top_k": 0"#, "tolerance=0.1&top_k=0", "needs", "tolerance"),
            (
                #""outputs": ["probabilities", "histogram"], "top_k": 0"#,
                "outputs=probabilities,histogram&top_k=0", "needs", "outputs"
            ),
            (#""delta": 0.1"#, "delta=0.1", "needs", "delta"),
            (
                #""quantile_levels": [0.5]"#, "quantile_levels=0.5", "needs", "quantile_levels"
            ),
            (
                #""quantile_levels": [0.5], "outputs": ["histogram"]"#,
                "quantile_levels=0.5&outputs=histogram", "needs", "quantile_levels"
            ),
            (
                #""certify": "top_1", "tolerance": 0.1"#, "certify=top_1&tolerance=0.1", "conflict",
                "certify"
            ),
            (
                #""estimator": "quasi-monte-carlo", "certify": "top_1""#,
                "estimator=quasi-monte-carlo&certify=top_1", "conflict", "certify"
            ),
        ])
    func `parameters that cannot stand so are refused`(
        json: String, query: String, code: String, name: String
    ) {
        #expect(Verdict(failure(Self.body(json))) == Verdict(422, code, "/parameters/\(name)"))
        #expect(Self.queryVerdict(query) == Verdict(422, code, nil))
    }

    @Test(arguments: [
        #""tolerance": 0.1, "top_k": 1"#, #""tolerance": 0.1, "top_k": 0, "labels": [2]"#,
        #""tolerance": 0.1, "estimator": "quasi-monte-carlo""#,
        #""delta": 0.1, "certify": "top_1""#,
        #""certify": "top_1", "estimator": "monte-carlo""#, #""certify": "top_1", "top_k": 0"#,
        #""quantile_levels": [0.5], "outputs": ["quantiles"]"#, #""outputs": ["quantiles"]"#,
        #""coverage": 0.9, "abstain_below": 0.5, "tolerance": 0.1"#,
    ])
    func `others may stand beside each other, in any order`(json: String) {
        #expect(failure(Self.body(json)) == nil)
    }

    /// A mistake in a parameter comes first, wherever it stands: only what is read is compared.
    @Test func `each parameter alone comes before them together`() {
        let json = Self.body(#""delta": 0.1, "tolerance": 0.1, "top_k": 0, "samples": 0"#)
        #expect(Verdict(failure(json)) == Verdict(422, "out_of_range", "/parameters/samples"))
        #expect(Self.queryVerdict("delta=0.1&samples=0") == Verdict(422, "out_of_range", nil))
    }

    /// Text behind the parameters is not read.
    @Test func `a contradiction ends the body`() {
        let body = #"{"parameters": {"delta": 0.1}, "instances": 7"#
        #expect(Verdict(failure(body)) == Verdict(422, "needs", "/parameters/delta"))
    }

    @Test func `messages say what to do`() {
        let cases = [
            (
                #""delta": 0.1"#,
                "/parameters/delta: it is the error level of certify; add certify, or leave it out"
            ),
            (
                #""quantile_levels": [0.5]"#,
                "/parameters/quantile_levels: no quantiles are asked for; add 'quantiles' to "
                    + "outputs, or leave the levels out"
            ),
            (
                #""certify": "top_1", "estimator": "quasi-monte-carlo""#,
                "/parameters/certify: only independent draws prove a leader; choose the estimator "
                    + "auto or monte-carlo"
            ),
            (
                #""certify": "top_1", "tolerance": 1"#,
                "/parameters/certify: samples end either when the leader is proven or at a "
                    + "tolerance; leave one of them out"
            ),
            (
                #""tolerance": 1, "top_k": 0"#,
                "/parameters/tolerance: the answer lists no probability that it applies to; ask "
                    + "for a top_k of 1 or more, or for labels"
            ),
        ]
        for (json, text) in cases { #expect(failure(Self.body(json))?.description == text) }
        #expect(
            failure(Self.body(#""delta": 1"#))?.description
                == "/parameters/delta: expected above 0, and 0.5 at most")
    }
}
