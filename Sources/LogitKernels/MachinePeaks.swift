import CLogitKernels
import Glibc
import Synchronization

/// What this machine does at the most, measured with all threads of a kernel's pool at once: the
/// best of many short runs, for whatever else the machine does only makes one slower.
package struct MachinePeaks: Sendable {
    /// Operations a second without any memory, two a multiply-add, of the formats asked for.
    package let operations: [WeightFormat: Double]
    /// Bytes a second read from memory.
    package let bytes: Double

    /// Long beside waking a thread, short beside the time that a scheduler gives to one process.
    private static let runSeconds = 0.001
    private static let runCount = 100
    private static let firstRounds = 1 << 12
    /// Memory that is read in turn, so that no cache holds it when it is read again, unless the
    /// last cache is more than half of it; and what is read of it in one run.
    private static let leastByteCount = 256 << 20
    private static let runByteCount = 64 << 20

    package init(operations: [WeightFormat: Double], bytes: Double) {
        self.operations = operations
        self.bytes = bytes
    }

    /// Takes some 0.15 s a format and for the memory, and longer beside other processes.
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

    /// Operations of all threads, and the seconds they took.
    private static func run(
        _ kernel: LogitKernel, _ format: WeightFormat, rounds: Int
    ) -> (operations: Double, seconds: Double) {
        let table = kernel.table
        let operations = Mutex(0.0)
        let seconds = seconds {
            kernel.pool.forEach(kernel.pool.threadCount) { _ in
                let own = unsafe table.functions.multiply_adds(format.kernelFormat, rounds)
                operations.withLock { $0 += own }
            }
        }
        return (operations.withLock { $0 }, seconds)
    }

    // MARK: Memory

    private static func bytes(_ kernel: LogitKernel) -> Double {
        let cache = max(0, sysconf(Int32(_SC_LEVEL3_CACHE_SIZE)))
        let partCount = (max(leastByteCount, 2 * cache) + runByteCount - 1) / runByteCount
        let memory = unsafe LargeMemory.indispensable(byteCount: partCount * runByteCount)
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

    /// The seconds it takes to read memory, cut into as many pieces as there are threads.
    private static func read(_ kernel: LogitKernel, _ memory: UnsafeRawBufferPointer) -> Double {
        let (table, threads) = (kernel.table, kernel.pool.threadCount)
        let share = memory.count / threads / 256 * 256
        // Threads only read, and the pool returns before the memory goes.
        nonisolated(unsafe) let start = memory.baseAddress
        return seconds {
            kernel.pool.forEach(threads) { thread in
                unsafe table.functions.read_memory(
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

extension InstructionSet {
    /// What noise is sampled in where weights are in this format: bfloat16 only where the set has
    /// it.
    package func noiseFormat(for weights: WeightFormat) -> WeightFormat {
        let isNarrow = unsafe KernelTable(self).functions.has_bfloat16_noise
        return weights.noisePrecision == .bfloat16 && isNarrow ? .bfloat16 : .float32
    }
}
