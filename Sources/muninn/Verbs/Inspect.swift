import ArgumentParser
import FileAccess
import Models
import PackFormat
import Safetensors
import Tensors

/// `muninn inspect`.
struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what a path holds: stages, tensors, dtypes, parameters, bytes.",
    discussion: """
      Reads headers only.

      Example: muninn inspect huginn-0125 --tensors
      """)

  @Argument(help: "A pack, a checkpoint, a safetensors file or a GGUF file.")
  var path: String

  @Flag(help: "List every tensor.")
  var tensors = false

  @OptionGroup var fit: FitOptions
  @OptionGroup var source: VariantOption
  @OptionGroup var report: ReportOptions

  mutating func run() throws {
    let (path, isListing) = (self.path, tensors)
    let status = try failing { try FileStatus(ofPath: path) }
    let isFile = status.kind != .directory && Path.name(of: path) != SafetensorsIndex.fileName
    let kind = try failing { try PathKind(of: path) }
    if isFile && kind == .checkpoint {
      let file = try failing { try SafetensorsFile(path: path) }
      try report.print(file.inspection(listing: isListing), file.json(path: path))
      return
    }
    if kind == .pack {
      // Opening checks that segments and sidecars belong to this manifest.
      let manifest = try failing { try PackReader(path: path).manifest }
      let fit = try fit.report(manifest.config)
      try report.print(
        manifest.inspection(path: path, listing: isListing) + (fit?.text ?? ""),
        manifest.json(path: path).adding(fit?.json, as: "fit"))
      report.note(
        "all \(manifest.layout.segments.count) segments and the sidecars belong to this manifest")
    } else {
      let model = try openModel(path, variant: source.variant)
      let fit = try model.config.flatMap { config throws(Failure) in try self.fit.report(config) }
      try report.print(
        model.inspection(listing: isListing) + (fit?.text ?? ""),
        model.json.adding(fit?.json, as: "fit"))
      try failing { try model.requireWeights() }
    }
  }
}
