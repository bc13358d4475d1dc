internal import Glibc

/// The temperature T that makes the true labels of some rows most likely, where logits are divided
/// by it.
///
/// With β = 1/T, the sum over rows of −log p(y) is convex in β, and its slope is that of
/// −log p(y) − H, over β, with H the entropy of the row. So T is where the mean negative
/// log-likelihood is the mean entropy: above it at a smaller T, below it at a larger one.
enum TemperatureFit {
    /// Temperatures within this factor of 1 are tried.
    static let maxFactor = 128.0
    /// The largest relative error of the result. From n rows its standard error is about 1/√n, at
    /// least ten times as much up to the 10⁶ rows that a calibration may have.
    static let maxRelativeError = 1e-4

    /// Nil where likelihood still grows at either end: the labels are all the best ones, which a
    /// lower temperature makes ever more likely, or no better than chance.
    ///
    /// - Parameters:
    ///   - excess: the mean of −log p(y) − H at temperature 1; may be infinite.
    ///   - excessAt: the same at another temperature. Called about ten times.
    static func fit<Failure: Error>(
        _ excess: Double, _ excessAt: (Double) throws(Failure) -> Double
    ) throws(Failure) -> Double? {
        if excess == 0 { return try isCertain(below: 0, excessAt) ? nil : 1 }
        let step = excess > 0 ? log(2.0) : -log(2.0)
        var near = Point(place: 0, excess: excess)
        var far = near
        repeat {
            near = far
            let place = near.place + step
            guard abs(place) <= log(maxFactor) * (1 + 1e-9) else { return nil }
            far = Point(place: place, excess: try excessAt(exp(place)))
        } while (far.excess > 0) == (excess > 0) && far.excess != 0
        if far.excess == 0, try isCertain(below: far.place, excessAt) { return nil }
        return exp(try root(near, far, excessAt))
    }

    /// Whether an excess of 0 at a place is no root: all labels are so likely that float32 holds
    /// nothing of the others, at half of that temperature too.
    private static func isCertain<Failure: Error>(
        below place: Double, _ excessAt: (Double) throws(Failure) -> Double
    ) throws(Failure) -> Bool {
        try excessAt(exp(place - log(2))) == 0
    }

    /// A place on the logarithmic axis of temperatures.
    private struct Point {
        var place: Double
        var excess: Double
    }

    /// The root between two points of different signs, by secants whose standing end is halved
    /// (Illinois), or halves of the interval where an end is infinite.
    private static func root<Failure: Error>(
        _ first: Point, _ second: Point, _ excessAt: (Double) throws(Failure) -> Double
    ) throws(Failure) -> Double {
        var (older, newer) = (first, second)
        while newer.excess != 0, abs(newer.place - older.place) > maxRelativeError {
            let share = newer.excess / (newer.excess - older.excess)
            let isUsable = older.excess.isFinite && newer.excess.isFinite
            // The last steps are made long enough to pass the root, or one end would never move.
            let width = newer.place - older.place
            let least = min(0.5, 0.4 * maxRelativeError / abs(width))
            let part = isUsable ? min(max(share, least), 1 - least) : 0.5
            let place = newer.place - part * width
            let next = Point(place: place, excess: try excessAt(exp(place)))
            if (next.excess > 0) == (newer.excess > 0) {
                older.excess /= 2
            } else {
                older = newer
            }
            newer = next
        }
        return newer.place
    }
}
