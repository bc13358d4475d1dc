internal import CLibFuzzer
internal import FuzzChecks

@main enum FuzzPredict {
    static func main() {
        var argumentCount = CommandLine.argc
        var arguments = unsafe CommandLine.unsafeArgv
        _ = unsafe LLVMFuzzerRunDriver(&argumentCount, &arguments) { start, count in
            unsafe FuzzTarget.predict.checkOrTrap(UnsafeBufferPointer(start: start, count: count))
            return 0
        }
    }
}
