import Fixtures
import Predictions
import Testing

@testable import Heads

/// The labels that an answer lists, by `topK` and `minProbability`.
@Suite struct ListingTests {
    static let heads = [
        "mhe/mhs", "mhe/arcface-mhs", "mhe/mhp-3heads", "mhe/mhc-2heads",
        "het/hetxl-softmax-full", "het/het-sigmoid-full",
    ]

    static func answers(_ name: String, _ options: RowOptions) throws -> [Prediction] {
        let head = try Model.load(path: Fixtures.folder(name)).head
        return try predictions(head, try Truth(name).floats("features"), options)
    }

    @Test(arguments: heads)
    func `labels that are too unlikely are left out`(_ name: String) throws {
        let plain = try Self.answers(name, everything(samples: 30, topK: 6))
        // The third label's own probability keeps it, the next number above does not.
        let bound = try #require(plain[0].top[2].probability)
        for (least, count) in [(bound.nextDown, 3), (bound, 3), (bound.nextUp, 2)] {
            var options = everything(samples: 30, topK: 6)
            options.minProbability = least
            let cut = try Self.answers(name, options)
            #expect(cut[0].top.count == count)
            for (all, found) in zip(plain, cut) {
                #expect(found.top == all.top.filter { $0.probability ?? 0 >= least })
                #expect(found.hasList)
                #expect(found.probabilities == all.probabilities)
                #expect(found.uncertainty?.margin == all.uncertainty?.margin)
            }
        }
    }

    @Test(arguments: heads) func `a list may be empty and is there`(_ name: String) throws {
        for topK in 0...1 {
            var options = everything(samples: 30, topK: topK)
            options.minProbability = 1
            for answer in try Self.answers(name, options) where answer.top.isEmpty {
                #expect(answer.hasList == (topK > 0))
                if let residual = answer.uncertainty?.residualProbability {
                    #expect(residual == 1)
                }
            }
        }
    }
}

/// Labels that a request asks for.
@Suite struct NamedLabelTests {
    @Test(arguments: ListingTests.heads + ["het/hetxl-softmax-independent", "mhe/mhc-3heads"])
    func `named labels are as they are in the list of all`(_ name: String) throws {
        let head = try Model.load(path: Fixtures.folder(name)).head
        let classes = head.summary.classCount
        let wanted = [classes - 1, 0, classes / 2]
        for topK in [0, 1, classes] {
            var options = everything(samples: 30, topK: classes)
            let whole = try ListingTests.answers(name, options)
            options.topK = topK
            options.labels = wanted
            for (all, found) in zip(whole, try ListingTests.answers(name, options)) {
                let entries = Dictionary(uniqueKeysWithValues: all.top.map { ($0.index, $0) })
                #expect(found.named == wanted.compactMap { entries[$0] })
                #expect(found.top == Array(all.top.prefix(topK)))
                #expect(found.probabilities == all.probabilities)
            }
        }
    }
}
