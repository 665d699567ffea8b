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
    let directory = try failing { try OpenDirectory(unlessOther: path) }
    let total = try failing { try directory?.byteCount() ?? 0 }
    let progress = Progress("verifying", total: total, options: report)
    var result = PackReport(byteCount: total)
    let verification = try failing {
      if let directory {
        try PackVerification(
          directory, digestingFiles: key != nil, workers: workers, monitor: progress.monitor)
      } else {
        try PackVerification(path: path)
      }
    }
    result.add(verification)
    if let key {
      let signature = self.signature
      result.add(
        try failing {
          if let directory {
            try SignatureVerification(
              directory, digests: verification.fileDigests, signature: signature, key: key,
              workers: workers, monitor: progress.monitor)
          } else {
            try SignatureVerification(path: path, signature: signature, key: key)
          }
        }, key)
    }
    progress.finish()
    remark(on: verification, in: directory)
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

  private func remark(on verification: PackVerification, in directory: OpenDirectory?) {
    report.noteIgnored(verification.ignored)
    if key == nil, (try? directory?.status(ofLink: SignatureBundle.fileName)) != nil {
      report.note("the signature in '\(SignatureBundle.fileName)' was not checked; --key checks it")
    }
  }

  private func compare(
    _ manifest: Manifest, with source: String, _ workers: Workers
  ) throws -> [PackFault] {
    let model = try openModel(source, variant: weights.variant)
    report.warn(model.diagnostics)
    let progress = Progress("deriving", total: 2 * model.byteCount, options: report)
    defer { progress.finish() }
    return try failing {
      try Converter.compare(
        manifest, with: model, workers: workers, kernels: threads.kernels,
        monitor: progress.monitor)
    }
  }
}

extension OpenDirectory {
  /// Opens a directory; nil if the path leads to something else, which verification names.
  fileprivate convenience init?(unlessOther path: String) throws(FileError) {
    do throws(FileError) {
      try self.init(path: path)
    } catch {
      guard case .notADirectory = error else { throw error }
      return nil
    }
  }
}
