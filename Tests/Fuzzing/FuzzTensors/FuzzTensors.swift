internal import CLibFuzzer
internal import FuzzChecks

@main enum FuzzTensors {
    static func main() {
        var argumentCount = CommandLine.argc
        var arguments = unsafe CommandLine.unsafeArgv
        _ = unsafe LLVMFuzzerRunDriver(&argumentCount, &arguments) { start, count in
            unsafe FuzzTarget.tensors.checkOrTrap(UnsafeBufferPointer(start: start, count: count))
            return 0
        }
    }
}
