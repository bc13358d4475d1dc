/// The numbers of samples at which samples that may end early are looked at. They depend on nothing
/// that another row has, so that answers do not.
enum SampleCounts {
    /// Two tiles of the kernel; also the draws that choose the first leader.
    static let firstDraws = 24

    /// Samples of all replicates when errors are looked at first. Fewer tell their error so badly
    /// that a look at a doubling or two takes it for small.
    static let firstSamples = 64

    /// The number of draws at which a leader's proof is looked at next: one more step, of an eighth
    /// of the draws where that is more, so that few are taken in vain, and all means are not looked
    /// at for every few of many.
    static func draws(after count: Int, most: Int) -> Int {
        min(most, count + max(firstDraws, count / 8 / firstDraws * firstDraws))
    }
}
