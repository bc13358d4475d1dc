import Testing

@testable import Service

@Suite struct ReadinessTests {
    @Test func itIsReadyAfterLoadingUntilItDrains() {
        let readiness = Readiness()
        #expect(readiness.state == .loading)
        readiness.becomeReady()
        #expect(readiness.state == .ready)
        #expect(readiness.beginDrain() == .ready)
        #expect(readiness.beginDrain() == .draining)
    }

    @Test func aDrainThatBeginsWhileLoadingStands() {
        let readiness = Readiness()
        #expect(readiness.beginDrain() == .loading)
        readiness.becomeReady()
        #expect(readiness.state == .draining)
    }
}
