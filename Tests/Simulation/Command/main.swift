import Glibc
import Simulation

// simulate [STEPS [SEEDS [FIRST SEED]]]: a million steps of each of eight seeds unless told.
let numbers = CommandLine.arguments.dropFirst().compactMap { Int($0) }
let steps = numbers.first ?? 1_000_000
let seeds = numbers.dropFirst().first ?? 8
let first = numbers.dropFirst(2).first ?? 0
for seed in first..<first + seeds {
    let (world, market) = (World(seed: UInt64(seed)), Market(seed: UInt64(seed)))
    let clock = ContinuousClock()
    let start = clock.now
    do {
        try world.run(steps: steps)
        try market.run(steps: steps)
    } catch {
        print(error)
        exit(1)
    }
    print("seed \(seed): \(steps) steps of each in \(clock.now - start)")
    print("  connections: \(world.tally)\n  turns: \(market.tally)")
}
