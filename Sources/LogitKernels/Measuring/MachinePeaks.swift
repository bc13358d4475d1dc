import CLogitKernels
import Glibc
import Synchronization

/// The peak speeds of this machine, measured with all threads of a kernel's pool at once: the best
/// of many short runs, since other work on the machine can only make a run slower.
package struct MachinePeaks: Sendable {
    /// Operations per second without any access to memory, two for a multiply-add, of each format.
    package let operations: [WeightFormat: Double]
    /// Bytes read from memory per second.
    package let bytes: Double

    /// Much longer than waking a thread takes, much shorter than a time slice of the scheduler.
    private static let runSeconds = 0.001
    private static let runCount = 100
    private static let firstRounds = 1 << 12
    /// Bytes of memory that are read in turn: at least these, and twice the last-level cache, so
    /// that no cache still holds a part when it is read again.
    private static let minByteCount = 256 << 20
    /// Bytes that one run reads.
    private static let runByteCount = 64 << 20

    package init(operations: [WeightFormat: Double], bytes: Double) {
        self.operations = operations
        self.bytes = bytes
    }

    /// Measures for some 0.15 s per format and for the memory, longer if other processes run.
    package init(of kernel: LogitKernel, formats: some Sequence<WeightFormat>) {
        operations = Dictionary(
            uniqueKeysWithValues: Set(formats).map { ($0, Self.operations(kernel, $0)) })
        bytes = Self.bytes(kernel)
    }

    // MARK: Operations

    private static func operations(_ kernel: LogitKernel, _ format: WeightFormat) -> Double {
        var rounds = firstRounds
        while best(of: 3, { run(kernel, format, rounds: rounds).seconds }) < runSeconds {
            rounds *= 2
        }
        let secondsEach = best(of: runCount) {
            let (operations, seconds) = run(kernel, format, rounds: rounds)
            return seconds / operations
        }
        return 1 / secondsEach
    }

    /// The operations of all threads in one run, and the seconds they took.
    private static func run(
        _ kernel: LogitKernel, _ format: WeightFormat, rounds: Int
    ) -> (operations: Double, seconds: Double) {
        let table = kernel.table
        let operations = Mutex(0.0)
        let seconds = seconds {
            kernel.pool.forEach(kernel.pool.threadCount) { _ in
                let own = table.measuring.multiply_adds(format.kernelFormat, rounds)
                operations.withLock { $0 += own }
            }
        }
        return (operations.withLock { $0 }, seconds)
    }

    // MARK: Memory

    private static func bytes(_ kernel: LogitKernel) -> Double {
        let cache = max(0, sysconf(Int32(_SC_LEVEL3_CACHE_SIZE)))
        let partCount = (max(minByteCount, 2 * cache) + runByteCount - 1) / runByteCount
        let memory = unsafe LargeMemory.allocateOrTrap(byteCount: partCount * runByteCount)
        defer { unsafe LargeMemory.deallocate(memory) }
        unsafe memory.initializeMemory(as: UInt8.self, repeating: 1)
        var part = 0
        let secondsEach = best(of: max(runCount, 2 * partCount)) {
            let first = part * runByteCount
            part = (part + 1) % partCount
            return unsafe read(
                kernel, UnsafeRawBufferPointer(rebasing: memory[first..<first + runByteCount]))
        }
        return Double(runByteCount) / secondsEach
    }

    /// The seconds that reading the memory takes, cut into as many pieces as there are threads.
    private static func read(_ kernel: LogitKernel, _ memory: UnsafeRawBufferPointer) -> Double {
        let (table, threads) = (kernel.table, kernel.pool.threadCount)
        let share = memory.count / threads / 256 * 256
        // Threads only read, and the pool returns before the memory is deallocated.
        nonisolated(unsafe) let start = memory.baseAddress
        return seconds {
            kernel.pool.forEach(threads) { thread in
                unsafe table.measuring.read_memory(
                    start.map { unsafe $0 + thread * share }, share)
            }
        }
    }

    // MARK: Time

    private static func best(of count: Int, _ run: () -> Double) -> Double {
        (0..<count).reduce(.infinity) { best, _ in min(best, run()) }
    }

    private static func seconds(_ body: () -> Void) -> Double {
        ContinuousClock().measure(body) / .seconds(1)
    }
}
