internal import Clients
internal import Foundation
package import Heads
package import Logging
package import Service
internal import Synchronization

/// A measurement over HTTP. The server runs in this process, with a demo model on a free port of
/// the loopback device. One thread a connection sends a request, waits for the answer and repeats.
package struct BenchHTTP {
    let shape: BenchShape
    let compute: ComputeOptions
    let connections: Int
    let seconds: Double
    let model: ServiceOptions.ModelPath
    let log: Logger

    /// The demo model that is served.
    package static let modelName = "digits-mhs"

    /// - Parameters:
    ///   - shape: only its rows count; the model has the other sizes.
    ///   - seconds: the time to measure for, after one request of each connection to warm up.
    ///   - model: the demo model of `modelName`.
    ///   - log: the server's.
    package init(
        shape: BenchShape, compute: ComputeOptions, connections: Int, seconds: Double,
        model: ServiceOptions.ModelPath, log: Logger
    ) {
        self.shape = shape
        self.compute = compute
        self.connections = connections
        self.seconds = seconds
        self.model = model
        self.log = log
    }

    /// Results of the connections' threads.
    private struct Tally {
        var milliseconds: [Double] = []
        var requestsPerSecond = 0.0
        var failure: (any Error)?
    }

    package func report() throws -> BenchReport {
        var options = ServiceOptions()
        options.models = [model]
        options.port = 0
        options.compute = compute
        let server = try Server(options, log: log)
        let tally = try serve(server) { port in drive(port) }
        if let failure = tally.failure { throw failure }
        var shape = shape
        shape.features = Self.featureCount
        shape.classes = 10
        var report = BenchReport(
            .http, shape, compute, BenchTiming(milliseconds: tally.milliseconds.sorted()))
        report.add(connections: connections, requestsPerSecond: tally.requestsPerSecond)
        return report
    }

    /// Pixels of a digit.
    private static let featureCount = 64

    /// Runs the server on a thread of its own while `body` runs on this one, then ends it by
    /// SIGTERM, as an operator does.
    private func serve(_ server: Server, _ body: (_ port: Int) -> Tally) throws -> Tally {
        let port = Mutex<Int?>(nil)
        let failure = Mutex<(any Error)?>(nil)
        let (isReady, isOver) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let thread = Thread {
            do {
                _ = try server.run { address in
                    port.withLock { $0 = address.split(separator: ":").last.flatMap { Int($0) } }
                    isReady.signal()
                }
            } catch {
                failure.withLock { $0 = error }
            }
            // A server that failed or was stopped before it was ready has not signalled yet.
            isReady.signal()
            isOver.signal()
        }
        thread.start()
        isReady.wait()
        if let error = failure.withLock({ $0 }) { throw error }
        let tally = body(port.withLock { $0 } ?? 0)
        kill(getpid(), SIGTERM)
        isOver.wait()
        return tally
    }

    // MARK: Clients

    /// Drives all connections at once until the time is over.
    private func drive(_ port: Int) -> Tally {
        let tally = Mutex(Tally())
        let (request, seconds) = (request(), seconds)
        let clients = DispatchGroup()
        for _ in 0..<connections {
            clients.enter()
            Thread {
                let own = Self.ask(request, port, seconds: seconds)
                tally.withLock {
                    $0.milliseconds += own.milliseconds
                    $0.requestsPerSecond += own.requestsPerSecond
                    $0.failure = $0.failure ?? own.failure
                }
                clients.leave()
            }.start()
        }
        clients.wait()
        return tally.withLock { $0 }
    }

    private static func ask(_ request: [UInt8], _ port: Int, seconds: Double) -> Tally {
        var tally = Tally()
        do {
            let client = try KeepAliveClient(host: "127.0.0.1", port: port)
            try client.exchange(request)
            let clock = ContinuousClock()
            let start = clock.now
            var last = start
            while tally.milliseconds.isEmpty || start.duration(to: last) < .seconds(seconds) {
                try client.exchange(request)
                let now = clock.now
                tally.milliseconds.append(last.duration(to: now) / .milliseconds(1))
                last = now
            }
            let elapsed = start.duration(to: last) / .seconds(1)
            tally.requestsPerSecond = Double(tally.milliseconds.count) / elapsed
        } catch {
            tally.failure = error
        }
        return tally
    }

    private func request() -> [UInt8] {
        let row = (0..<Self.featureCount).map { "\(Float($0 % 17) / 16)" }.joined(separator: ",")
        let instances = [String](repeating: "[\(row)]", count: shape.rows).joined(separator: ",")
        let body = "{\"instances\":[\(instances)]}"
        return Array(
            ("POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + "Content-Length: \(body.utf8.count)\r\n\r\n" + body).utf8)
    }
}
