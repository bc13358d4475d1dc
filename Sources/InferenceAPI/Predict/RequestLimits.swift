/// How large a request may be.
package struct RequestLimits: Sendable, Equatable {
    /// Bytes of a body, decompressed.
    package let maximumBodyBytes: Int
    /// Instances of a request.
    package let maximumRows: Int
    /// Monte-Carlo samples a request may ask for.
    package let maximumSamples: Int
    /// Numbers that all instances hold together: the input width for a dense one, the length of
    /// `indices` for a sparse one. A body stays below half its bytes, as a number takes two of them
    /// at least, unless its rows are refused for being narrower than the model's inputs.
    package let maximumFeatureCount: Int

    /// `maximumFeatureCount` defaults to what the largest dense body could hold.
    package init(
        maximumBodyBytes: Int = 64 << 20, maximumRows: Int = 4096, maximumSamples: Int = 100_000,
        maximumFeatureCount: Int? = nil
    ) {
        self.maximumBodyBytes = maximumBodyBytes
        self.maximumRows = maximumRows
        self.maximumSamples = maximumSamples
        self.maximumFeatureCount = maximumFeatureCount ?? maximumBodyBytes / 2
    }
}
