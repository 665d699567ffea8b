import PackFormat

/// What this program is, as manifests and `--version` name it.
enum Version {
  static let current = "0.1.0"
  static let tool = Manifest.Tool(name: "muninn", version: current)
}
