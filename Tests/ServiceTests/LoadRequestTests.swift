import Testing

@testable import Service

@Suite struct LoadRequestTests {
    @Test func `the first load is under way from the start`() {
        let loads = LoadRequests()
        #expect(loads.isUnderWay)
        #expect(!loads.finish())
        #expect(!loads.isUnderWay)
    }

    @Test func `one that is asked for while nothing runs is the caller's to run`() {
        let loads = LoadRequests()
        _ = loads.finish()
        #expect(loads.ask())
        #expect(loads.isUnderWay)
        #expect(!loads.finish())
    }

    @Test(arguments: [1, 2, 100])
    func `any number that come while one runs are one more`(_ count: Int) {
        let loads = LoadRequests()
        for _ in 0..<count { #expect(!loads.ask()) }
        #expect(loads.finish())
        #expect(loads.isUnderWay)
        #expect(!loads.finish())
    }
}
