internal import CLibFuzzer
internal import FuzzChecks

@main enum Fuzz {
    static func main() {
        _ = FuzzTarget.chosen
        var argumentCount = CommandLine.argc
        var arguments = unsafe CommandLine.unsafeArgv
        _ = unsafe LLVMFuzzerRunDriver(&argumentCount, &arguments) { start, count in
            unsafe FuzzTarget.chosen.checkOrTrap(UnsafeBufferPointer(start: start, count: count))
            return 0
        }
    }
}
