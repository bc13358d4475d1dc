import Testing

@testable import Service

@Suite struct ReadinessTests {
    @Test func `it is ready after loading until it drains`() {
        let readiness = Readiness()
        #expect(readiness.state == .loading)
        readiness.becomeReady()
        #expect(readiness.state == .ready)
        #expect(readiness.beginDrain() == .ready)
        #expect(readiness.beginDrain() == .draining)
    }

    @Test func `a drain that begins while loading stands`() {
        let readiness = Readiness()
        #expect(readiness.beginDrain() == .loading)
        readiness.becomeReady()
        #expect(readiness.state == .draining)
    }
}
