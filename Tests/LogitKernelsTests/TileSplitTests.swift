import Testing

@testable import LogitKernels

@Suite struct TileSplitTests {
    @Test func `work below the threshold stays whole`() {
        func parts(_ products: Int) -> Int {
            TileSplit(classCount: products, rowCount: 1, productsPerOutput: 1, threadCount: 2).count
        }
        let limit = LogitKernel.parallelProducts
        #expect(parts(limit - 1) == 1)
        #expect(parts(limit) > 1)
        #expect(parts(limit + 1) > 1)
    }

    @Test func `few exponentials stay on the caller`() {
        let kernel = LogitKernel(threads: 2)
        let limit = LogitKernel.parallelExponentials
        #expect(kernel.partCount(limit - 1, items: 100) == 1)
        #expect(kernel.partCount(limit, items: 100) > 1)
        #expect(kernel.partCount(limit + 1, items: 100) > 1)
        #expect(kernel.partCount(limit, items: 1) == 1)
    }

    @Test func `one thread gets one part`() {
        let split = TileSplit(
            classCount: 1 << 20, rowCount: 8, productsPerOutput: 100, threadCount: 1)
        #expect(split.count == 1)
    }

    @Test(arguments: [1, 31, 32, 33, 100, 333], [1, 2, 7, 64])
    func `parts cover every output once and cut at panels`(classes: Int, rows: Int) {
        let split = TileSplit(
            classCount: classes, rowCount: rows, productsPerOutput: 1 << 18, threadCount: 3)
        var seen = Array(repeating: 0, count: classes * rows)
        for part in 0..<split.count {
            let (tile, range) = split[part]
            #expect(tile.lowerBound % 32 == 0)
            for row in range { for k in tile { seen[row * classes + k] += 1 } }
        }
        #expect(seen.allSatisfy { $0 == 1 })
    }

    /// Enough parts for every thread wherever the matrix has that many rows and panels.
    @Test(arguments: [(32, 64), (3200, 1), (96, 9)])
    func `every thread finds a part`(classes: Int, rows: Int) {
        let split = TileSplit(
            classCount: classes, rowCount: rows, productsPerOutput: 1 << 18, threadCount: 4)
        #expect(split.count >= 4)
    }
}
