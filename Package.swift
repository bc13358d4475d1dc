// swift-tools-version: 6.2
import PackageDescription

/// One array for every Swift target: Swift 6 mode, strict memory safety, warnings as errors.
let settings: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// Warnings as errors for the C and C++ targets too. Instruction sets are chosen by target
/// attributes and at run time; an `-march` flag has no place here.
let cSettings: [CSetting] = [.treatAllWarnings(as: .error)]
let cxxSettings: [CXXSetting] = [.treatAllWarnings(as: .error)]

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name + "Tests", dependencies: dependencies, swiftSettings: settings)
}

let package = Package(
    name: "HeadServe",
    products: [.executable(name: "headserve", targets: ["headserve"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
        .package(
            url: "https://github.com/apple/swift-configuration", exact: "1.4.0",
            traits: ["JSON", "YAML"]),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    ],
    targets: [
        // System libraries and C.
        .systemLibrary(
            name: "COpenSSL", pkgConfig: "openssl",
            providers: [.apt(["libssl-dev", "pkg-config"])]),
        .systemLibrary(
            name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev", "pkg-config"])]),
        .systemLibrary(name: "CLinux"),
        .target(name: "CChecksums", dependencies: ["CZlib"], cSettings: cSettings),
        .target(name: "CFileMapping", cSettings: cSettings),
        .target(name: "CNumberText", cxxSettings: cxxSettings),
        .target(name: "CColumns", cxxSettings: cxxSettings),
        .target(
            name: "CLogitKernels",
            // Optimised in debug builds too, or the tests of sampling laws would take minutes.
            cSettings: cSettings + [.unsafeFlags(["-O2"], .when(configuration: .debug))]),

        // The modules, from the leaves up. An arrow that is not here may not be imported.
        module("Digests", ["COpenSSL"]),
        module("NumPyFormat"),
        module("Predictions"),
        module("ByteText"),
        module("Clocks", ["ByteText"]),
        module("Logs", ["ByteText", "Clocks"]),
        module("Checkpoints", ["ByteText", "CFileMapping", "CZlib", "Digests", "NumPyFormat"]),
        module("LogitKernels", ["CLogitKernels"]),
        module(
            "Heads",
            [
                "ByteText", "Checkpoints", "LogitKernels", "Predictions",
                .product(name: "HeapModule", package: "swift-collections"),
            ]),
        module("Telemetry"),
        module("Batching"),
        module(
            "Sockets",
            [
                "CLinux", "Clocks", "COpenSSL",
                .product(name: "HeapModule", package: "swift-collections"),
            ]),
        module("Clients", ["Sockets"]),
        module(
            "HTTPMessages",
            [
                "ByteText", "CChecksums", "Clocks", "CZlib",
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ]),
        module(
            "InferenceAPI", ["ByteText", "CColumns", "CNumberText", "NumPyFormat", "Predictions"]),
        module(
            "Service",
            [
                "Batching", "ByteText", "CLinux", "Clocks", "Digests", "Heads", "HTTPMessages",
                "InferenceAPI", "Logs", "Predictions", "Sockets", "Telemetry",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        module(
            "Bench",
            [
                "Checkpoints", "Clients", "Heads", "InferenceAPI", "LogitKernels", "Predictions",
                "Service", .product(name: "Logging", package: "swift-log"),
            ]),
        .executableTarget(
            name: "headserve",
            dependencies: [
                "Bench", "Checkpoints", "Clients", "Clocks", "Heads", "LogitKernels", "Logs",
                "Predictions", "Service",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Yams", package: "Yams"),
            ],
            resources: [.copy("Models"), .copy("openapi.yaml")], swiftSettings: settings),

        .target(
            name: "Fixtures", path: "Tests/Fixtures", exclude: ["het", "mhe", "models", "recipes"],
            swiftSettings: settings),
        .target(
            name: "FuzzChecks",
            dependencies: [
                "Checkpoints", "HTTPMessages", "InferenceAPI", "Predictions",
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ],
            path: "Tests/Fuzzing/Checks", swiftSettings: settings),
        .target(
            name: "Simulation",
            dependencies: [
                "Batching", "Fixtures", "HTTPMessages",
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ],
            path: "Tests/Simulation/World", swiftSettings: settings),
        .executableTarget(
            name: "simulate", dependencies: ["Simulation"], path: "Tests/Simulation/Command",
            swiftSettings: settings),
        tests(
            "headserve",
            [
                "Heads", "LogitKernels", "Logs", "Service", "headserve",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        tests("Simulation", ["Simulation"]),
        tests("FuzzCorpus", ["FuzzChecks"]),
        tests("Checkpoints", ["Checkpoints", "Fixtures", "NumPyFormat"]),
        tests("Digests", ["Digests"]),
        tests("Bench", ["Bench", "Heads", "LogitKernels", "Predictions"]),
        tests("Clients", ["Clients"]),
        tests("Clocks", ["Clocks"]),
        tests("Logs", ["Logs"]),
        tests("LogitKernels", ["LogitKernels"]),
        tests("Heads", ["Checkpoints", "Fixtures", "Heads", "LogitKernels", "Predictions"]),
        tests("Batching", ["Batching", "Fixtures"]),
        tests("Telemetry", ["Telemetry"]),
        tests(
            "Sockets",
            [
                "Clocks", "COpenSSL", "HTTPMessages", "Sockets",
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ]),
        tests(
            "HTTPMessages",
            [
                "CZlib", "Clocks", "Fixtures", "HTTPMessages",
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ]),
        tests(
            "InferenceAPI",
            ["CColumns", "CNumberText", "Fixtures", "InferenceAPI", "NumPyFormat", "Predictions"]),
        tests(
            "Service",
            [
                "Batching", "Clocks", "Fixtures", "HTTPMessages", "Heads", "InferenceAPI", "Logs",
                "Predictions", "Service", "Sockets", "Telemetry",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
            ]),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .c11,
    cxxLanguageStandard: .cxx17
)

// `make fuzz` sets this. The targets are not there otherwise, as their flags are unsafe ones.
if Context.environment["HEADSERVE_FUZZ"] != nil {
    package.targets += [
        .systemLibrary(name: "CLibFuzzer", path: "Tests/Fuzzing/CLibFuzzer"),
        .executableTarget(
            name: "fuzz", dependencies: ["CLibFuzzer", "FuzzChecks"],
            path: "Tests/Fuzzing/Command", swiftSettings: settings,
            // libFuzzer has a `main` too, which gold takes for a second one.
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])]),
    ]
    // Only what is fuzzed is instrumented.
    let fuzzed = ["Checkpoints", "HTTPMessages", "InferenceAPI", "NumPyFormat"]
    for target in package.targets where fuzzed.contains(target.name) {
        target.swiftSettings? += [.unsafeFlags(["-sanitize=fuzzer"])]
    }
}
