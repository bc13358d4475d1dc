internal import Heads
internal import Synchronization

/// The run times of a model by kind of work: a law's tell nothing of draws, nor draws' of points.
final class RunTimesByKind: Sendable {
    private let law = RunTimes()
    private let draws = RunTimes()
    private let points = RunTimes()

    subscript(kind: RowWork.Kind) -> RunTimes {
        switch kind {
        case .law: law
        case .draws: draws
        case .points: points
        }
    }
}

/// The run times of one kind of work of a model, from the batches it ran, by the number of rows
/// and of samples a row. Used to choose where, when and with whom to compute, never to change a
/// result. Any thread.
///
/// Both numbers fall into classes of a factor of two; a class keeps a moving average of the time
/// of a unit, which is a sample of a row. A class without a batch is judged by the nearest one that
/// has some, in proportion to the units: small work is run first, and tells about larger. It tells
/// nothing of far larger work, for which what every batch takes would count a thousand times, and
/// have requests refused that take a moment.
///
/// Every prediction asks, so asking takes no lock; what is found out seldom is found under one.
final class RunTimes: Sendable {
    /// Weight of the latest batch in the average.
    private static let share = 0.25
    /// Classes of rows, and as many of samples: 576 together.
    private static let classCount = 24
    /// Classes by which one may be above that which it is judged by.
    private static let mostDoublings = 2
    /// The most that a batch counts, as a multiple of the average: one during which the machine
    /// stood still would else have all refused that come after it, and none could show better. The
    /// first batch of a class is taken at its word.
    private static let mostRise = 8.0
    /// No class stands for another.
    private static let none = -2
    /// None was looked for since the last one became known.
    private static let unknown = -1

    /// Average nanoseconds of a unit by class of rows and of samples, as the bits of a `Double`; 0
    /// where no batch has run.
    private let averages = InlineArray<576, Atomic<UInt64>> { _ in Atomic(0) }
    /// For each class the known one that stands for it, `none` or `unknown`.
    private let nearest = InlineArray<576, Atomic<Int>> { _ in Atomic(RunTimes.unknown) }
    /// Held while a class becomes known, or its nearest is looked for.
    private let search = Mutex(())

    /// Expected nanoseconds of so much work, the encoding of its answer included; nil before the
    /// first batch that tells about it. O(1), amortised.
    func nanoseconds(rows: Int, samples: Int) -> UInt64? {
        let place = Self.place(rows, samples)
        var known = nearest[place].load(ordering: .relaxed)
        if known == Self.unknown { known = findNearest(to: place) }
        guard known != Self.none else { return nil }
        let time = average(known) * Double(rows) * Double(samples)
        return UInt64(exactly: time.rounded(.up)) ?? .max
    }

    /// A batch has run, of as many rows, and of as many samples a row on average.
    func record(rows: Int, samples: Int, nanoseconds: UInt64) {
        let units = Double(max(rows, 1)) * Double(max(samples, 1))
        // Never 0, which means that nothing is known.
        let latest = max(Double(nanoseconds), 1) / units
        let place = Self.place(rows, samples)
        let average = average(place)
        if average > 0 {
            // Of two batches that end at once one may be left out; the next makes up for it.
            let counted = min(latest, Self.mostRise * average)
            return setAverage(place, average + Self.share * (counted - average))
        }
        search.withLock { _ in
            setAverage(place, latest)
            for other in nearest.indices {
                nearest[other].store(Self.unknown, ordering: .relaxed)
            }
        }
    }

    private func average(_ place: Int) -> Double {
        Double(bitPattern: averages[place].load(ordering: .relaxed))
    }

    private func setAverage(_ place: Int, _ average: Double) {
        averages[place].store(average.bitPattern, ordering: .relaxed)
    }

    private static func place(_ rows: Int, _ samples: Int) -> Int {
        order(rows) * classCount + order(samples)
    }

    /// The class of a number: its binary logarithm.
    private static func order(_ number: Int) -> Int {
        min(Int.bitWidth - 1 - max(number, 1).leadingZeroBitCount, classCount - 1)
    }

    /// The known class with the least distance; of several, that of less work. `none` where only
    /// those of far less are known.
    private func findNearest(to place: Int) -> Int {
        search.withLock { _ in
            let (rows, samples) = place.quotientAndRemainder(dividingBy: Self.classCount)
            var best: (distance: Int, place: Int)?
            for other in averages.indices where average(other) > 0 {
                let (otherRows, otherSamples) = other.quotientAndRemainder(
                    dividingBy: Self.classCount)
                let doublings = rows + samples - otherRows - otherSamples
                guard doublings <= Self.mostDoublings else { continue }
                let distance = abs(otherRows - rows) + abs(otherSamples - samples)
                if let best, best.distance <= distance { continue }
                best = (distance, other)
            }
            let found = best?.place ?? Self.none
            nearest[place].store(found, ordering: .relaxed)
            return found
        }
    }
}
