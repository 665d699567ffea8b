import ArgumentParser
import Checkpoint
import Models
import PackFormat

/// `muninn verify`.
struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prove that every byte of a pack, or of a checkpoint, is as it should be.",
    discussion: """
      A pack: header pages, layout, the digest of each tensor and sidecar, that all other bytes are \
      zero, and the manifest's own digest. Names the tensor and stage that is damaged.

      With --key: also the signature, that each file is as it was signed, and that there are no \
      others.

      A checkpoint: structure, index, and the checksums that lie beside it (SHA256SUMS, \
      checksums.txt, *.sha256, a hub cache's blob names, download metadata) or are given. Says of \
      each file whether it differs, is not here, cannot be read, or is not covered; the last two are \
      faults with --require-checksums only.

      Exits with 2 on a fault of what is verified, a file that is missing, too large or no file \
      included; with 1 where it cannot be looked at: no such path, no permission, a failing disk.

      Example: muninn verify huginn-0125-int8.muninn --source huginn-0125
      """)

  @Argument(help: "A pack's directory, or a checkpoint.")
  var path: String

  @Option(
    help: ArgumentHelp(
      "Also derive the pack anew from this checkpoint and compare bit for bit.",
      valueName: "checkpoint"))
  var source: String?

  @Option(
    help: ArgumentHelp(
      "Also check the pack's signature with this public key, a PEM file of EC P-256, P-384 or P-521.",
      valueName: "file"))
  var key: String?

  @Option(
    help: ArgumentHelp(
      "The signature, where it is not the pack's model.sig; needs --key.", valueName: "file"))
  var signature: String?

  @Option(
    name: .customLong("sha256"),
    help: ArgumentHelp(
      "A digest that a file of the checkpoint must have; repeatable.", valueName: "file=hex"))
  var digests: [String] = []

  @Flag(help: "A file that no checksum covers, or a checksum that cannot be read, is a fault.")
  var requireChecksums = false

  @OptionGroup var weights: VariantOption
  @OptionGroup var report: ReportOptions
  @OptionGroup var threads: WorkerOptions

  mutating func run() throws {
    guard signature == nil || key != nil else {
      throw Failure(
        .usage, code: "usage", message: "--signature needs the --key with which it is checked")
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
          message: "--sha256 and --require-checksums are for checkpoints; a pack has its manifest")
      }
      return try verifyPack()
    }
    guard source == nil, key == nil else {
      throw Failure(.usage, code: "usage", message: "--source and --key are for packs")
    }
    try verify(checkpoint, claimed: try claimedDigests())
  }
}
