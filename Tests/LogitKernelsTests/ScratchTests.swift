import Testing

@testable import LogitKernels

@Suite struct ScratchTests {
    @Test func `memory lent at the same time does not overlap`() {
        let kernel = LogitKernel(threads: 1)
        kernel.withScratch(count: 100) { outer in
            for index in 0..<100 { outer[index] = Float(index) }
            kernel.withScratch(count: 50) { inner in
                for index in 0..<50 { inner[index] = -1 }
            }
            for index in 0..<100 { #expect(outer[index] == Float(index)) }
        }
    }

    @Test func `memory is lent again`() {
        let kernel = LogitKernel(threads: 1)
        kernel.withScratch(count: 100) { $0[99] = 7 }
        // A block that is large enough is taken before a new one is allocated.
        let seen = kernel.withScratch(count: 100) { $0[99] }
        #expect(seen == 7)
        #expect(kernel.withScratch(count: 0) { $0.count } == 0)
    }
}
