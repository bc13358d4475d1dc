import Testing

@testable import Service

@Suite struct LoadRequestTests {
    @Test func theFirstLoadIsUnderWayFromTheStart() {
        let loads = LoadRequests()
        #expect(loads.isUnderWay)
        #expect(!loads.finish())
        #expect(!loads.isUnderWay)
    }

    @Test func oneThatIsAskedForWhileNothingRunsIsTheCallersToRun() {
        let loads = LoadRequests()
        _ = loads.finish()
        #expect(loads.ask())
        #expect(loads.isUnderWay)
        #expect(!loads.finish())
    }

    @Test(arguments: [1, 2, 100])
    func anyNumberThatComeWhileOneRunsAreOneMore(_ count: Int) {
        let loads = LoadRequests()
        for _ in 0..<count { #expect(!loads.ask()) }
        #expect(loads.finish())
        #expect(loads.isUnderWay)
        #expect(!loads.finish())
    }
}
