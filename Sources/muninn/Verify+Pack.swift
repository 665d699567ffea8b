import Conversion
import FileAccess
import Models
import PackFormat
import Parallelism
import Presentation
import Signing
import StrictJSON

/// `muninn verify PACK`.
extension Verify {
  func verifyPack() throws {
    let (path, workers) = (path, threads.workers)
    let key = try key.map { file throws(Failure) in try failing { try VerifyingKey(pemFile: file) }
    }
    let total = try failing { try byteCount(ofFilesIn: path) }
    let progress = Progress(
      "verifying", total: key == nil ? total : 2 * total, options: report)
    var result = PackReport(byteCount: total)
    let verification = try failing {
      try PackVerification(path: path, workers: workers, monitor: progress.monitor)
    }
    result.add(verification)
    if let key {
      let signature = self.signature
      result.add(
        try failing {
          try SignatureVerification(
            path: path, signature: signature, key: key, workers: workers, monitor: progress.monitor)
        }, key)
    }
    progress.finish()
    remark(on: verification)
    var failure: Failure?
    if let source, let manifest = verification.manifest {
      do {
        result.addComparison(try compare(manifest, with: source, workers))
      } catch {
        failure = Failure(error)
      }
    }
    // A source that cannot be read takes nothing from what is known of the pack.
    try report.print(result.text, result.json)
    if let failure {
      guard !result.faults.isEmpty, failure.code != "interrupted" else { throw failure }
      failure.report()
    }
    if !result.faults.isEmpty { throw Failure.wanting }
  }

  private func remark(on verification: PackVerification) {
    report.noteIgnored(verification.ignored)
    let signature = Path.join(path, SignatureBundle.fileName)
    if key == nil, (try? FileStatus(ofPath: signature)) != nil {
      report.note("the signature in '\(SignatureBundle.fileName)' was not checked; --key checks it")
    }
  }

  private func compare(
    _ manifest: Manifest, with source: String, _ workers: Workers
  ) throws -> [PackFault] {
    let model = try openModel(source, variant: weights.variant)
    let progress = Progress("deriving", total: 2 * model.byteCount, options: report)
    defer { progress.finish() }
    return try failing {
      try Converter.compare(
        manifest, with: model, workers: workers, kernels: threads.kernels,
        monitor: progress.monitor)
    }
  }
}

/// The bytes of the regular files in a directory.
func byteCount(ofFilesIn path: String) throws(FileError) -> Int {
  // What is no directory is a fault that verification names.
  guard try FileStatus(ofPath: path).kind == .directory else { return 0 }
  return try directoryContents(path).reduce(0) { sum, name in
    let status = try? FileStatus(ofPath: Path.join(path, name))
    return sum + (status?.kind == .regular ? status?.byteCount ?? 0 : 0)
  }
}
