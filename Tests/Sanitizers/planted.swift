// Planted faults that a sanitizer must see, and sound code that it must not report, as
// `planted WAY sound|broken`: each way by which
// the server's threads keep apart, once kept by both of two threads and once by one of them only;
// and memory that is used and given back as it should be, or not.
import Dispatch
import Foundation
import Synchronization

final class Counted: @unchecked Sendable {
    var count = 0
    var list: [Int] = []

    func touch() {
        count += 1
        list.append(count)
        if list.count > 100 { list = [] }
    }
}

typealias Exclusion = @Sendable (@escaping @Sendable () -> Void) -> Void

func mutex() -> Exclusion {
    final class Lock: Sendable { let state = Mutex(0) }
    let lock = Lock()
    return { body in lock.state.withLock { _ in body() } }
}

func atomic() -> Exclusion {
    final class Lock: Sendable { let isTaken = Atomic(false) }
    let lock = Lock()
    return { body in
        while lock.isTaken.exchange(true, ordering: .acquiring) { sched_yield() }
        body()
        lock.isTaken.store(false, ordering: .releasing)
    }
}

func semaphore() -> Exclusion {
    let semaphore = DispatchSemaphore(value: 1)
    return { body in
        semaphore.wait()
        body()
        semaphore.signal()
    }
}

/// A byte that only one can have, as event loops wake each other.
func descriptor() -> Exclusion {
    let pipe = Pipe()
    let (taking, giving) = (
        pipe.fileHandleForReading.fileDescriptor, pipe.fileHandleForWriting.fileDescriptor
    )
    let give: @Sendable () -> Void = { _ = write(giving, [1], 1) }
    give()
    return { body in
        var byte: UInt8 = 0
        _ = read(taking, &byte, 1)
        body()
        withExtendedLifetime(pipe) { give() }
    }
}

func synchronously() -> Exclusion {
    let queue = DispatchQueue(label: "sync")
    return { body in queue.sync(execute: body) }
}

/// Each piece of work on the queue's own thread, or on that of the next who waits for it.
func asynchronously() -> Exclusion {
    let queue = DispatchQueue(label: "async")
    return { body in
        queue.async(execute: body)
        if Bool.random() { queue.sync {} }
    }
}

func run(_ exclusion: @escaping Exclusion, isSound: Bool) {
    let counted = Counted()
    let group = DispatchGroup()
    for isLawful in [true, isSound] {
        group.enter()
        Thread.detachNewThread {
            for _ in 0..<2000 {
                if isLawful { exclusion { counted.touch() } } else { counted.touch() }
            }
            group.leave()
        }
    }
    group.wait()
    exclusion { counted.touch() }
}

/// Reads a byte before it is freed, or after it.
func readByte(isSound: Bool) {
    let byte = UnsafeMutablePointer<UInt8>.allocate(capacity: 1)
    byte.initialize(to: 1)
    if isSound { print(byte.pointee) }
    byte.deallocate()
    if !isSound { print(byte.pointee) }
}

/// Frees bytes, or forgets where they are.
func forgetBytes(isSound: Bool) {
    for size in 1...100 {
        let bytes = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 1)
        print(bytes)
        if isSound { bytes.deallocate() }
    }
}

@main
enum Planted {
    static let ways: [String: @Sendable () -> Exclusion] = [
        "mutex": mutex, "atomic": atomic, "semaphore": semaphore, "descriptor": descriptor,
        "sync": synchronously, "async": asynchronously,
    ]

    static func main() {
        let (way, isSound) = (CommandLine.arguments[1], CommandLine.arguments[2] == "sound")
        switch way {
        case "byte": readByte(isSound: isSound)
        case "leak": forgetBytes(isSound: isSound)
        default: if let exclusion = ways[way] { run(exclusion(), isSound: isSound) }
        }
    }
}
