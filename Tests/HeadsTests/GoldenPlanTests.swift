import Predictions
import Testing

@testable import Heads

@Suite struct GoldenPlanTests {
    private static func head(
        inputs: Int, classes: Int, factors: Int, independent: Bool = false
    ) -> HeadSummary {
        HeadSummary(
            kind: .hetXL, link: .softmax, output: .distribution, inputCount: inputs,
            classCount: classes, factorCount: factors, defaultSampleCount: 1000,
            drawCount: factors + (independent ? inputs : 1))
    }

    /// v/S ≤ 10⁻⁶ with a quarter more for the pilot's own error: 50,000 samples for v = 0.04.
    @Test func `samples follow from the variance`() {
        let plan = GoldenPlan(
            rowCount: 200, variance: 0.04, Self.head(inputs: 64, classes: 10, factors: 6))
        #expect(plan.rowCount == 200)
        #expect(plan.runSampleCount == 782)
        #expect(plan.sampleCount == 50_048)
    }

    @Test func `samples have a least and a largest number`() {
        let head = Self.head(inputs: 64, classes: 10, factors: 6)
        #expect(GoldenPlan(rowCount: 1, variance: 0, head).sampleCount == 64 * 16)
        #expect(GoldenPlan(rowCount: 1, variance: 0.2, head).sampleCount == 64 * 3907)
        #expect(GoldenPlan(rowCount: 1, variance: 9, head).sampleCount == 64 * 3907)
    }

    @Test(arguments: [false, true])
    func `large heads leave out rows, then samples`(_ independent: Bool) {
        let head = Self.head(
            inputs: 1024, classes: 21_843, factors: 50, independent: independent)
        let plan = GoldenPlan(rowCount: 500, variance: 0.2, head)
        #expect(plan.rowCount == GoldenPlan.minRowCount)
        #expect(plan.runSampleCount >= GoldenPlan.minRunSampleCount)
        // Set-up and samples of all runs, as the module page counts them.
        let draws = Double(head.drawCount ?? 0)
        let perRun =
            1024 * 21_843 * 52 + Double(plan.runSampleCount) * 21_843 * (draws + 16)
        #expect(perRun * 64 * Double(plan.rowCount) <= GoldenPlan.maxWork)
        #expect(GoldenPlan(rowCount: 3, variance: 0.2, head).rowCount == 3)
    }

    @Test func `a pilot run looks at no more rows than could be compared`() {
        let large = Self.head(inputs: 1024, classes: 21_843, factors: 50)
        let count = GoldenPlan.pilotRowCount(of: 5000, large)
        #expect(count >= GoldenPlan.minRowCount && count < 50)
        let small = Self.head(inputs: 64, classes: 10, factors: 6)
        #expect(GoldenPlan.pilotRowCount(of: 5000, small) == 5000)
    }
}
