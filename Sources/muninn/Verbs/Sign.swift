import ArgumentParser
import FileAccess
import PackFormat
import Presentation
import Signing
import StrictJSON
import Tensors

/// `muninn sign`.
struct Sign: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Sign the SHA-256 of every file of a pack with a key.",
    discussion: """
      Verifies the pack first. Writes SHA256SUMS for 'sha256sum --check' if there is none, and \
      then model.sig, a Sigstore bundle in the form of OpenSSF model signing, which \
      'muninn verify --key' and 'model_signing verify key' check.

      The key is a private EC key on P-256, P-384 or P-521, in PEM without a passphrase. To make \
      one, and the public key for those who verify:
      openssl ecparam -genkey -name prime256v1 -noout -out key.pem
      openssl pkey -in key.pem -pubout -out public.pem

      Example: muninn sign huginn-0125-int8.muninn --key key.pem
      """)

  @Argument(help: "A pack.")
  var pack: String

  @Option(help: ArgumentHelp("The private key.", valueName: "file"))
  var key: String

  @Flag(help: "Replace an existing signature.")
  var force = false

  @OptionGroup var report: ReportOptions
  @OptionGroup var threads: WorkerOptions

  mutating func run() throws {
    let (path, keyFile, replacing, workers) = (pack, key, force, threads.workers)
    let key = try failing { try SigningKey(pemFile: keyFile) }
    // A key that lies in the pack under the signature's name would be written over.
    try checkTarget(
      Path.join(path, SignatureBundle.fileName), sparing: [], [keyFile])
    let total = try failing { try OpenDirectory(path: path).byteCount() }
    let progress = Progress("signing", total: total, options: report)
    let signer = PackSigner(path: path, key: key, workers: workers, monitor: progress.monitor)
    let outcome = try Interruption.cleaningUp {
      try failing { try signer.sign(replacing: replacing) }
    }
    progress.finish()
    report.noteIgnored(outcome.ignored)
    let count = outcome.statement.resources.count
    let fingerprint = key.verifyingKey.fingerprint
    try report.print(
      "signed \(Numbers.count(count, "file")) in \(outcome.signaturePath.quoted)"
        + (outcome.wroteChecksums ? ", SHA256SUMS written" : "") + "\n"
        + "digest \(outcome.manifest.digest)\nkey \(fingerprint)\n",
      [
        "signature": .string(outcome.signaturePath), "key": .string(fingerprint),
        "digest": .string("\(outcome.manifest.digest)"),
        "checksums_written": .boolean(outcome.wroteChecksums),
        "files": .array(
          outcome.statement.resources.map {
            ["name": .string($0.name), "sha256": .string("\($0.digest)")]
          }),
      ])
  }
}
