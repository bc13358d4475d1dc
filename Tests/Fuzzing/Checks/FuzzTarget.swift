import Glibc

/// A target of the fuzzer: a reader, the form in which it gets an input, and the promises that must
/// hold for every input.
package enum FuzzTarget: String, CaseIterable, Sendable {
    /// The input is a ZIP archive, `.npz` or `.npy` file.
    case archive
    /// The input is the pickle in a PyTorch archive with a few storages; and, by itself, a file,
    /// as the legacy container is pickles end to end.
    case pickle
    /// The input is a safetensors file; and, by itself, the index of shards, which the same reader
    /// of JSON reads.
    case safetensors
    /// The input is what a client sends over a connection, and how it arrives.
    case connection
    /// The input is the body of a chunked request, and how it arrives.
    case chunks
    /// The input is the JSON of a prediction.
    case predict
    /// The input is the query string and the NumPy array of a prediction.
    case tensors
    /// The input is a body in a content coding, and how it arrives.
    case coding

    /// The folder of inputs that are kept for this target.
    package var corpus: String {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return parts.dropLast(2).joined(separator: "/") + "/Corpora/" + rawValue
    }

    /// Reads everything that there is to read in `input`. Refusals are fine; a promise that does
    /// not hold is thrown, and anything worse ends the process.
    package func check(_ input: [UInt8]) throws(BrokenPromise) {
        switch self {
        case .archive: _ = try CheckpointProbe.check(input)
        case .safetensors:
            _ = try CheckpointProbe.check(input)
            try ShardIndexProbe.check(input)
        case .pickle: try checkPickle(input)
        case .connection: try ConnectionProbe.check(input)
        case .chunks: try ChunkProbe.check(input)
        case .predict: try PredictProbe.check(input)
        case .tensors: try ArrayProbe.check(input)
        case .coding: try CodingProbe.check(input)
        }
    }

    private func checkPickle(_ input: [UInt8]) throws(BrokenPromise) {
        _ = try CheckpointProbe.check(input)
        var found: Set<[[UInt32]]> = []
        for archive in TorchEnvelope.archives(of: input) {
            found.insert(try CheckpointProbe.check(archive))
        }
        guard found.count == 1 else { throw .readOutsideMembers }
    }
}

extension FuzzTarget {
    /// The target that FUZZ_TARGET names. Not an argument, because libFuzzer starts copies of its
    /// process with arguments of its own.
    package static let chosen: FuzzTarget = {
        guard let name = unsafe getenv("FUZZ_TARGET"),
            let target = FuzzTarget(rawValue: unsafe String(cString: name))
        else {
            fatalError("FUZZ_TARGET must be one of \(allCases.map(\.rawValue))")
        }
        return target
    }()

    /// `check` for libFuzzer, which takes the end of the process for a finding.
    package func checkOrTrap(_ input: UnsafeBufferPointer<UInt8>) {
        do throws(BrokenPromise) {
            try check(unsafe Array(input))
        } catch {
            fatalError("a promise does not hold: \(error)")
        }
    }
}
