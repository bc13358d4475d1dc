internal import CLibFuzzer
internal import FuzzChecks

@main enum FuzzCoding {
    static func main() {
        var argumentCount = CommandLine.argc
        var arguments = unsafe CommandLine.unsafeArgv
        _ = unsafe LLVMFuzzerRunDriver(&argumentCount, &arguments) { start, count in
            unsafe FuzzTarget.coding.checkOrTrap(UnsafeBufferPointer(start: start, count: count))
            return 0
        }
    }
}
