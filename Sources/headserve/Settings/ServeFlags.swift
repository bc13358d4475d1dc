internal import ArgumentParser

/// The options of `headserve serve` as texts. `Settings` checks them together with those of the
/// environment and the file. Each has a row in `Setting.all`.
struct ServeFlags: ParsableArguments {
    @Option(help: "Settings in YAML or JSON.")
    var config: String?

    @Option(
        help: ArgumentHelp(
            """
            A checkpoint file, or a folder with a model.json; a path that exists is one, with \
            equals signs too; repeatable. (default: the demo models)
            """,
            valueName: "[name=]path"))
    var model: [String] = []

    @Option(
        help: ArgumentHelp(
            """
            A calibration that headserve calibrate has written, for a model that is a lone file; \
            repeatable. (default: none)
            """,
            valueName: "name=file"))
    var calibration: [String] = []

    @Option(help: "The address to bind. (default: 127.0.0.1)")
    var host: String?

    @Option(help: "The port to bind; 0 takes any free one. (default: 8080)")
    var port: String?

    @Option(help: "A port for probes and metrics alone, in clear text. (default: none)")
    var adminPort: String?

    @Option(help: "The server's certificate and its chain, in PEM; turns TLS on. (default: none)")
    var tlsCertificate: String?

    @Option(help: "The certificate's key, in PEM without a pass phrase. (default: none)")
    var tlsKey: String?

    @Option(
        name: .customLong("tls-client-ca"),
        help: """
            Issuers of client certificates, in PEM; all but probes and metrics asks for one. \
            (default: none)
            """)
    var tlsClientCA: String?

    @Option(
        name: .customLong("api-key-file"),
        help: "API keys, one a line; all but probes and metrics asks for one. (default: none)")
    var apiKeyFile: String?

    @Option(
        help: """
            Compute threads. (default: the processors this process may use, by its affinity and \
            the quotas of its cgroups)
            """)
    var threads: String?

    @Option(
        help: """
            The instruction set that computes: baseline, avx2, avx512, avx512-bf16, neon or \
            neon-dotprod. (default: the best this machine has)
            """)
    var kernel: String?

    @Option(
        help: """
            How weight matrices are held in memory: float32, bfloat16 or int8; the narrow formats \
            round weights and inputs. (default: as stored, exactly)
            """)
    var weights: String?

    @Option(help: "Rows computed together at most. (default: 64)")
    var maxBatchRows: String?

    @Option(help: "How long rows may wait for others, such as 2ms. (default: 0ms)")
    var maxBatchDelay: String?

    @Option(help: "Rows of a client that may wait; beyond them it gets 429. (default: 4096)")
    var maxQueueRows: String?

    @Option(help: "The longest a request may take, such as 30s. (default: 30s)")
    var requestTimeout: String?

    @Option(
        help: "Bytes of a request body at most, decompressed too, such as 64MiB. (default: 64MiB)")
    var maxBodyBytes: String?

    @Option(help: "Bytes of an answer at most, before compression. (default: 64MiB)")
    var maxResponseBytes: String?

    @Option(help: "Samples (draws or points) a request may ask for. (default: 100000)")
    var maxSamples: String?

    @Option(help: "text, or json for machines. (default: text)")
    var logFormat: String?

    @Option(
        help: "trace, debug, info, notice, warning, error or critical. (default: info)")
    var logLevel: String?

    @Option(
        help: """
            From SIGTERM until the listener closes, while readiness is 503. (default: 0s; 5s in \
            Kubernetes)
            """)
    var drainDelay: String?

    @Option(help: "How long work in flight may take after that. (default: 20s)")
    var shutdownTimeout: String?
}
