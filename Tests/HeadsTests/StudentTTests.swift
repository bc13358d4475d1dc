import Testing

@testable import Heads

@Suite struct StudentTTests {
    /// SciPy's `t.ppf(0.975, n)`.
    @Test(arguments: [
        (1, 12.706_204_736_174_7), (2, 4.302_652_729_749_46), (3, 3.182_446_305_283_71),
        (7, 2.364_624_251_592_79), (29, 2.045_229_642_132_70), (30, 2.042_272_456_301_24),
        (31, 2.039_513_446_396_41), (32, 2.036_933_343_460_10), (99, 1.984_216_951_586_42),
        (999, 1.962_341_461_133_45), (1_000_000, 1.959_966_356_814_11),
    ])
    func `quantiles are the known ones`(degrees: Int, quantile: Double) {
        #expect(abs(StudentT.quantile975(degreesOfFreedom: degrees) - quantile) <= 1e-7)
    }

    @Test func `quantiles fall towards the normal one`() {
        let quantiles = (1...2000).map { StudentT.quantile975(degreesOfFreedom: $0) }
        #expect(zip(quantiles, quantiles.dropFirst()).allSatisfy(>))
        #expect(quantiles.allSatisfy { $0 > StudentT.normal975 })
    }
}
