// swift-tools-version: 6.3

import PackageDescription

/// What every target, tests included, is compiled with.
let testSettings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableExperimentalFeature("Lifetimes"),
  .treatAllWarnings(as: .error),
]

/// Shipping targets also mark every unsafe expression; tests cannot, because `#expect` expands
/// around the expression that it checks and leaves no place for the `unsafe` marker.
let settings = testSettings + [.strictMemorySafety()]

/// A library target: what it may import is the architecture, top to bottom.
func library(_ name: String, imports: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: imports, swiftSettings: settings)
}

/// A test target, which may also import what its subject is built from.
func tests(of name: String, imports: [Target.Dependency] = []) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: [.byName(name: name), "TestSupport"] + imports,
    swiftSettings: testSettings)
}

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")

/// The fuzzer itself, which links only with its runtime: `make fuzz`.
let fuzzer: [Target] =
  Context.environment["MUNINN_FUZZ"] == nil
  ? []
  : [
    .target(name: "CFuzz", path: "Tests/Stress/Fuzz/CFuzz"),
    .executableTarget(
      name: "fuzz", dependencies: ["CFuzz", "FuzzTargets"], path: "Tests/Stress/Fuzz/main",
      swiftSettings: testSettings),
  ]

let package = Package(
  name: "muninn",
  platforms: [.macOS(.v26)],
  products: [
    .executable(name: "muninn", targets: ["muninn"]),
    .library(name: "MuninnPack", targets: ["PackFormat"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", exact: "1.5.0"),
  ],
  targets: [
    // C
    .systemLibrary(
      name: "CMuninnZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .systemLibrary(
      name: "CMuninnZstd", pkgConfig: "libzstd",
      providers: [.apt(["libzstd-dev"]), .brew(["zstd"])]),
    .systemLibrary(name: "CMuninnMath"),
    .target(name: "CMuninnPlatform"),
    .target(name: "CMuninnKernels"),

    // What everything is made of
    library("Tensors"),
    library("StrictJSON", imports: ["Tensors"]),
    library("FileAccess", imports: ["Tensors", "CMuninnPlatform"]),
    library("Parallelism"),
    library("Integrity", imports: ["Tensors", "FileAccess", "CMuninnZlib", crypto]),
    library("Codecs", imports: ["Tensors", "FileAccess", "CMuninnZlib", "CMuninnZstd"]),
    library("Kernels", imports: ["Tensors", "CMuninnKernels"]),
    library("Quantization", imports: ["Tensors", "FileAccess", "Kernels"]),

    // One file format, one model
    library("Safetensors", imports: ["Tensors", "StrictJSON", "FileAccess"]),
    library("GGUF", imports: ["Tensors", "FileAccess"]),
    library("HuginnModel", imports: ["Tensors", "StrictJSON", "CMuninnMath"]),

    // From a checkpoint to a pack
    library(
      "Checkpoint",
      imports: [
        "Tensors", "StrictJSON", "FileAccess", "Parallelism", "Integrity", "Safetensors",
        "HuginnModel",
      ]),
    library(
      "PackFormat",
      imports: [
        "Tensors", "StrictJSON", "FileAccess", "Parallelism", "Integrity", "Kernels",
        "Quantization", "HuginnModel",
      ]),
    library(
      "Models",
      imports: [
        "Tensors", "StrictJSON", "FileAccess", "Parallelism", "Integrity", "Kernels",
        "Quantization", "Safetensors", "GGUF", "HuginnModel", "Checkpoint", "PackFormat",
      ]),
    library(
      "Conversion",
      imports: [
        "Tensors", "StrictJSON", "FileAccess", "Parallelism", "Integrity", "Kernels",
        "Quantization", "Safetensors", "HuginnModel", "Checkpoint", "PackFormat", "Models",
      ]),

    // To other engines
    library(
      "Export",
      imports: [
        "Tensors", "StrictJSON", "FileAccess", "Parallelism", "Integrity", "Kernels",
        "Quantization", "Safetensors", "GGUF", "HuginnModel", "Checkpoint", "PackFormat", "Models",
        "Tokenization",
      ]),

    // Who vouches for a pack
    library(
      "Signing",
      imports: [
        "Tensors", "StrictJSON", "FileAccess", "Parallelism", "Integrity", "PackFormat", crypto,
      ]),

    // A pack on its way
    library(
      "Archive",
      imports: [
        "Tensors", "FileAccess", "Parallelism", "Integrity", "Codecs", "Quantization",
        "HuginnModel", "PackFormat",
      ]),

    // Running the model
    library("Tokenization", imports: ["Tensors", "StrictJSON"]),
    library(
      "Inference",
      imports: [
        "Tensors", "StrictJSON", "FileAccess", "Parallelism", "Kernels", "HuginnModel", "Models",
        "Tokenization", "CMuninnMath",
      ]),

    // What a pack does to the model
    library(
      "Evaluation",
      imports: [
        "Tensors", "StrictJSON", "FileAccess", "Parallelism", "Integrity", "Safetensors",
        "HuginnModel", "Models", "Inference", "CMuninnMath",
      ]),

    // The command
    library(
      "Presentation", imports: ["Tensors", "FileAccess", "Integrity", "Codecs", "CMuninnMath"]),
    library(
      "Report",
      imports: [
        "Tensors", "StrictJSON", "FileAccess", "Integrity", "Kernels", "HuginnModel", "PackFormat",
        "Evaluation", "Presentation",
      ]),
    .executableTarget(
      name: "muninn",
      dependencies: [
        "Tensors", "StrictJSON", "FileAccess", "Parallelism", "Integrity", "Kernels",
        "Quantization", "Safetensors", "GGUF", "HuginnModel", "Checkpoint", "PackFormat",
        "Models", "Conversion", "Export", "Signing", "Archive", "Codecs", "Tokenization",
        "Inference",
        "Evaluation", "Presentation", "Report", argumentParser,
      ],
      swiftSettings: settings),

    // Tests
    .target(
      name: "TestSupport",
      dependencies: ["Tensors", "FileAccess", "Safetensors", "HuginnModel", "Checkpoint"],
      path: "Tests/TestSupport", swiftSettings: testSettings),
    tests(of: "Tensors"),
    tests(of: "StrictJSON"),
    tests(of: "FileAccess"),
    tests(of: "Parallelism"),
    tests(of: "Integrity", imports: ["FileAccess"]),
    tests(of: "Codecs", imports: ["FileAccess"]),
    tests(of: "Kernels", imports: ["Tensors", "FileAccess", "Safetensors", "CMuninnMath"]),
    tests(of: "Quantization", imports: ["Tensors", "FileAccess", "Kernels", "Safetensors"]),
    tests(of: "Safetensors", imports: ["Tensors", "StrictJSON", "FileAccess"]),
    tests(of: "GGUF", imports: ["Tensors", "FileAccess"]),
    tests(of: "HuginnModel", imports: ["Tensors", "StrictJSON"]),
    tests(
      of: "Checkpoint",
      imports: [
        "Tensors", "StrictJSON", "FileAccess", "Parallelism", "Integrity", "Safetensors",
        "HuginnModel",
      ]),
    tests(
      of: "PackFormat",
      imports: [
        "Tensors", "StrictJSON", "FileAccess", "Parallelism", "Integrity", "Quantization",
        "HuginnModel",
      ]),
    tests(
      of: "Models",
      imports: [
        "Tensors", "StrictJSON", "FileAccess", "Parallelism", "Integrity", "Kernels",
        "Quantization", "Safetensors", "GGUF", "HuginnModel", "Checkpoint", "PackFormat",
      ]),
    tests(
      of: "Conversion",
      imports: [
        "Tensors", "StrictJSON", "FileAccess", "Parallelism", "Integrity", "Kernels",
        "Quantization", "Safetensors", "HuginnModel", "Checkpoint", "PackFormat", "Models",
      ]),
    tests(
      of: "Signing",
      imports: ["StrictJSON", "FileAccess", "Parallelism", "Integrity", "PackFormat", crypto]),
    tests(
      of: "Inference",
      imports: [
        "Tensors", "FileAccess", "Parallelism", "Kernels", "Quantization", "HuginnModel",
        "Checkpoint", "PackFormat", "Models", "Conversion",
      ]),
    tests(
      of: "Export",
      imports: [
        "Tensors", "StrictJSON", "FileAccess", "Parallelism", "Kernels", "Quantization",
        "Safetensors", "GGUF", "HuginnModel", "Checkpoint", "PackFormat", "Models", "Conversion",
        "Tokenization",
      ]),
    tests(
      of: "Archive",
      imports: [
        "Tensors", "FileAccess", "Parallelism", "Integrity", "Codecs", "Quantization",
        "HuginnModel", "Checkpoint", "PackFormat", "Models", "Conversion",
      ]),
    tests(of: "Tokenization", imports: ["StrictJSON"]),
    tests(
      of: "Evaluation",
      imports: [
        "Tensors", "StrictJSON", "FileAccess", "Parallelism", "Safetensors", "HuginnModel",
        "Checkpoint", "PackFormat", "Models", "Conversion", "Inference",
      ]),
    tests(of: "Presentation", imports: ["FileAccess", "Integrity"]),
    tests(
      of: "Report",
      imports: [
        "StrictJSON", "FileAccess", "Integrity", "HuginnModel", "PackFormat", "Evaluation",
        "Presentation",
      ]),
    tests(
      of: "muninn",
      imports: [
        "StrictJSON", "FileAccess", "Safetensors", "GGUF", "HuginnModel", "PackFormat", "Models",
        "Conversion", "Export", "Signing", "Archive", "Inference", "Evaluation",
        "Report",
      ]),

    // What the fuzzer feeds; `make test` replays what it found.
    .target(
      name: "FuzzTargets",
      dependencies: [
        "Tensors", "StrictJSON", "FileAccess", "Quantization", "Safetensors", "GGUF",
        "HuginnModel", "Checkpoint", "PackFormat", "Models", "Signing", "Archive", "Codecs",
        "Integrity",
        "Parallelism", "Tokenization", "TestSupport",
      ],
      path: "Tests/Stress/Fuzz/FuzzTargets", swiftSettings: testSettings),
    tests(of: "FuzzTargets", imports: ["FileAccess"]),
  ] + fuzzer
)
