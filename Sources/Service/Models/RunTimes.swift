internal import Synchronization

/// The run times of a model, from the batches it ran, by the number of rows and of samples a row.
/// Used to choose where, when and with whom to compute, never to change a result. Any thread.
///
/// Both numbers fall into classes of a factor of two; a class keeps a moving average of the time
/// of a unit, which is a sample of a row. A class without a batch is judged by the nearest one that
/// has some, in proportion to the units: small work is run first, and tells about larger.
final class RunTimes: Sendable {
    /// Weight of the latest batch in the average.
    private static let share = 0.25
    private static let classCount = 24

    /// Average nanoseconds of a unit by class of rows and of samples; 0 where no batch has run.
    private let averages = Mutex([Double](repeating: 0, count: classCount * classCount))

    /// Expected nanoseconds of so much work, the encoding of its answer included; nil before the
    /// first batch. O(1) where its class is known.
    func nanoseconds(rows: Int, samples: Int) -> UInt64? {
        let place = Self.place(rows, samples)
        let average = averages.withLock { averages in
            averages[place] > 0 ? averages[place] : Self.nearest(to: place, in: averages)
        }
        guard let average else { return nil }
        return UInt64(exactly: (average * Double(rows) * Double(samples)).rounded(.up)) ?? .max
    }

    /// A batch has run, of as many rows, and of as many samples a row on average.
    func record(rows: Int, samples: Int, nanoseconds: UInt64) {
        let units = Double(max(rows, 1)) * Double(max(samples, 1))
        // Never 0, which means that nothing is known.
        let latest = max(Double(nanoseconds), 1) / units
        let place = Self.place(rows, samples)
        averages.withLock { averages in
            let average = averages[place]
            averages[place] = average > 0 ? average + Self.share * (latest - average) : latest
        }
    }

    private static func place(_ rows: Int, _ samples: Int) -> Int {
        order(rows) * classCount + order(samples)
    }

    /// The class of a number: its binary logarithm.
    private static func order(_ number: Int) -> Int {
        min(Int.bitWidth - 1 - max(number, 1).leadingZeroBitCount, classCount - 1)
    }

    /// The average of the known class with the least distance; of several, that of less work.
    private static func nearest(to place: Int, in averages: [Double]) -> Double? {
        let (rows, samples) = place.quotientAndRemainder(dividingBy: classCount)
        var best: (distance: Int, average: Double)?
        for other in averages.indices where averages[other] > 0 {
            let (otherRows, otherSamples) = other.quotientAndRemainder(dividingBy: classCount)
            let distance = abs(otherRows - rows) + abs(otherSamples - samples)
            if let best, best.distance <= distance { continue }
            best = (distance, averages[other])
        }
        return best?.average
    }
}
