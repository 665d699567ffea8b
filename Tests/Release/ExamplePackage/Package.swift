// swift-tools-version: 6.3

import PackageDescription

/// What an engine's author writes: a package that depends on muninn from outside.
let package = Package(
  name: "core-row",
  platforms: [.macOS(.v26)],
  dependencies: [.package(name: "muninn", path: "../../..")],
  targets: ["core-row", "open-and-touch"].map { name in
    .executableTarget(
      name: name, dependencies: [.product(name: "MuninnPack", package: "muninn")])
  }
)
