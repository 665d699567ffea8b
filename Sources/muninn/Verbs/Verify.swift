import ArgumentParser
import Checkpoint
import Models
import PackFormat

/// `muninn verify`.
struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Verify every byte of a pack, or of a checkpoint.",
    discussion: """
      Of a pack, checks the header pages, the layout, the digest of each tensor and sidecar, the \
      manifest's own digest, and that all other bytes are zero. Names each damaged tensor and its \
      stage. With --key, also checks the signature, that each file is the one that was signed, and \
      that there are no others.

      Of a checkpoint, checks the structure, the index, and all checksums that are given or lie \
      beside it (SHA256SUMS, checksums.txt, *.sha256, blob names of a hub cache, download metadata). \
      Reports each file that differs, is missing, is unreadable or is not covered; the last two are \
      faults only with --require-checksums.

      Exits with 2 if it finds a fault, such as a file that is missing, too large or not a file. \
      Exits with 1 if the path cannot be examined: it does not exist, permission is denied, or the \
      disk fails.

      Example: muninn verify huginn-0125-int8.muninn --source huginn-0125
      """)

  @Argument(help: "A pack or a checkpoint.")
  var path: String

  @Option(
    help: ArgumentHelp(
      "Also convert this checkpoint again, and compare the pack with the result bit for bit.",
      valueName: "checkpoint"))
  var source: String?

  @Option(
    help: ArgumentHelp(
      "Also check the signature with this public key: PEM, EC on P-256, P-384 or P-521.",
      valueName: "file"))
  var key: String?

  @Option(
    help: ArgumentHelp(
      "The signature, if it is not the pack's model.sig; needs --key.", valueName: "file"))
  var signature: String?

  @Option(
    name: .customLong("sha256"),
    help: ArgumentHelp(
      "A digest that a file of the checkpoint must have. Repeatable.", valueName: "file=hex"))
  var digests: [String] = []

  @Flag(help: "Treat files without a checksum, and unreadable files, as faults.")
  var requireChecksums = false

  @OptionGroup var weights: VariantOption
  @OptionGroup var report: ReportOptions
  @OptionGroup var threads: WorkerOptions

  mutating func run() throws {
    guard signature == nil || key != nil else {
      throw Failure(
        .usage, code: "usage", message: "--signature needs --key")
    }
    let path = self.path
    let variant = weights.variant
    let kind = try failing { try PathKind(of: path) }
    if kind == .gguf {
      throw Failure(ModelError.form(path: path, .gguf, wanted: "a pack or a checkpoint"))
    }
    // What is neither a pack nor a checkpoint is judged as the pack that it is not.
    let checkpoint = try failing {
      try kind == .pack ? nil : Checkpoint(path: path, variant: variant)
    }
    guard let checkpoint, !checkpoint.location.isEmpty else {
      guard digests.isEmpty, !requireChecksums else {
        throw Failure(
          .usage, code: "usage",
          message:
            "--sha256 and --require-checksums are for checkpoints; a pack has digests in its manifest"
        )
      }
      return try verifyPack()
    }
    guard source == nil, key == nil else {
      throw Failure(.usage, code: "usage", message: "--source and --key are for packs")
    }
    try verify(checkpoint, claimed: try claimedDigests())
  }
}
