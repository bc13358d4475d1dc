/// Limits of a request.
package struct RequestLimits: Sendable, Equatable {
    /// Bytes of a body, decompressed.
    package let maxBodyBytes: Int
    /// Instances of a request.
    package let maxRows: Int
    /// Samples, draws or points, a request may ask for.
    package let maxSamples: Int
    /// Numbers that all instances hold together: the input width for a dense one, the length of
    /// `indices` for a sparse one. A body stays below half its bytes, as a number takes two of them
    /// at least, unless its rows are refused for being narrower than the model's inputs.
    package let maxFeatureCount: Int

    /// `maxFeatureCount` defaults to what the largest dense body could hold.
    package init(
        maxBodyBytes: Int = 64 << 20, maxRows: Int = 4096, maxSamples: Int = 100_000,
        maxFeatureCount: Int? = nil
    ) {
        self.maxBodyBytes = maxBodyBytes
        self.maxRows = maxRows
        self.maxSamples = maxSamples
        self.maxFeatureCount = maxFeatureCount ?? maxBodyBytes / 2
    }
}
