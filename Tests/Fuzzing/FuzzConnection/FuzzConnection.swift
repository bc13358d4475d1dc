internal import CLibFuzzer
internal import FuzzChecks

@main enum FuzzConnection {
    static func main() {
        var argumentCount = CommandLine.argc
        var arguments = unsafe CommandLine.unsafeArgv
        _ = unsafe LLVMFuzzerRunDriver(&argumentCount, &arguments) { start, count in
            unsafe FuzzTarget.connection.checkOrTrap(
                UnsafeBufferPointer(start: start, count: count))
            return 0
        }
    }
}
