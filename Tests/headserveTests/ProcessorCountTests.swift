import Glibc
import Testing

@testable import headserve

@Suite struct ProcessorCountTests {
    @Test(arguments: [
        ("1", 1), ("f", 4), ("ff", 8), ("ffffffff,ffffffff", 64), ("00000000,0000000a", 2),
    ])
    func `each bit of the mask is a processor`(_ mask: String, _ count: Int) {
        let status = "Name:\theadserve\nCpus_allowed:\t\(mask)\nCpus_allowed_list:\t0-3\n"
        #expect(ProcessorCount.affinity(status) == count)
    }

    @Test(arguments: ["", "Cpus_allowed_list:\t0-3\n", "Cpus_allowed:\t0\n"])
    func `a status without a mask tells nothing`(_ status: String) {
        #expect(ProcessorCount.affinity(status) == nil)
    }

    @Test func `no more than the machine has`() {
        let online = sysconf(Int32(_SC_NPROCESSORS_ONLN))
        #expect((1...online).contains(ProcessorCount.available()))
    }
}
