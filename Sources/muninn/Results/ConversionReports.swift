import Conversion
import FileAccess
import HuginnModel
import Kernels
import Models
import PackFormat
import Presentation
import Quantization
import Report
import StrictJSON
import Tensors

/// The report of a dry run: sizes to the byte, an upper bound for the manifest's, and the free
/// space.
struct DryRunReport {
  private let plan: ConversionPlan
  private let target: String
  private let manifestBound: Int
  private let free: Int
  private let exists: Bool

  init(_ plan: ConversionPlan, target: String) throws(ConversionError) {
    self.plan = plan
    self.target = target
    manifestBound = try plan.manifestByteBound(tool: Version.tool)
    exists = (try? FileStatus(ofLink: Path.trimmed(target))) != nil
    free = try ConversionError.wrapping(freeSpace(at: Path.parent(of: target)))
  }

  private var needed: Int { plan.layout.byteCount + plan.sidecars.byteCount + manifestBound }

  var text: String {
    var table = Table([
      ("file", .left), ("bytes", .right), ("parameters", .right), ("bits/weight", .right),
      ("encodings", .left),
    ])
    for segment in plan.layout.segments { table.add(segment.cells) }
    for sidecar in plan.sidecars.files {
      table.add([sidecar.name, Numbers.grouped(sidecar.file.byteCount), "", "", "copied"])
    }
    table.add([
      PackConstants.manifestName, "≤ " + Numbers.grouped(manifestBound), "", "", "",
    ])
    return table.text
      + "needed: at most \(Numbers.grouped(needed)) bytes; free: \(Numbers.grouped(free))\n"
      + (exists ? "the target exists; --force replaces it\n" : "")
      + (needed <= free ? "nothing was written\n" : "nothing was written; it would not fit\n")
  }

  var json: JSONValue {
    [
      "pack": .string(target),
      "recipe": plan.recipe.json,
      "segments": .array(plan.layout.segments.map(\.json)),
      "sidecars": .array(
        plan.sidecars.files.map {
          ["file": .string($0.name), "bytes": .integer($0.file.byteCount)]
        }),
      "manifest_bytes_at_most": .integer(manifestBound),
      "needed_bytes_at_most": .integer(needed),
      "free_bytes": .integer(free),
      "fits": .boolean(needed <= free),
      "exists": .boolean(exists),
    ]
  }
}

/// The report at the end of a conversion.
struct ConversionReport {
  private let result: Converter.Result
  private let target: String

  init(_ result: Converter.Result, target: String) {
    self.result = result
    self.target = target
  }

  var text: String {
    var table = Table([
      ("file", .left), ("bytes", .right), ("parameters", .right), ("bits/weight", .right),
      ("SQNR", .right), ("encodings", .left),
    ])
    for segment in result.manifest.layout.segments {
      var cells = segment.cells
      cells.insert(
        sqnr(of: segment.stage).map { "\(Numbers.fixed($0, digits: 1)) dB" } ?? "exact", at: 4)
      table.add(cells)
    }
    let bytes = Numbers.grouped(result.manifest.layout.byteCount)
    return table.text
      + remark(\.underflowed, "values become subnormal or zero in f16")
      + remark(\.clamped, "codes are clamped under subnormal scales")
      + "wrote \(target.quoted): \(bytes) bytes in segments, "
      + "\(Numbers.count(result.manifest.sidecars.count, "sidecar"))\ndigest \(result.manifest.digest)\n"
  }

  /// How often something happened, in how many tensors, and where most; JSON has each tensor's.
  private func remark(_ count: KeyPath<EncodingStatistics, Int>, _ what: String) -> String {
    let counts = result.tensors.map { ($0.layout.tensor.name, $0.statistics[keyPath: count]) }
      .filter { $0.1 > 0 }
    guard let most = counts.max(by: { $0.1 < $1.1 }) else { return "" }
    let total = counts.reduce(0) { $0 + $1.1 }
    return
      "\(Numbers.grouped(total)) \(what), in \(Numbers.count(counts.count, "tensor")); most in \(most.0) "
      + "(\(Numbers.grouped(most.1)))\n"
  }

  /// The signal-to-quantization-noise ratio of a stage's quantized tensors; nil if all are exact.
  private func sqnr(of stage: Stage) -> Double? {
    var sums = ErrorSums()
    for tensor in result.tensors where tensor.layout.tensor.stage == stage {
      if !tensor.statistics.isExact { sums.add(tensor.statistics.error) }
    }
    return sums.signalToNoise
  }

  var json: JSONValue {
    [
      "pack": .string(target),
      "digest": .string("\(result.manifest.digest)"),
      "identity": .string("\(result.manifest.identity)"),
      "recipe": result.manifest.recipe.json,
      "segments": .array(result.manifest.layout.segments.map(\.json)),
      "sidecars": .integer(result.manifest.sidecars.count),
      "tensors": .array(result.tensors.map(\.json)),
      "diagnostics": .array(result.diagnostics.map(\.json)),
    ]
  }
}

extension SegmentLayout {
  fileprivate var cells: [String] {
    [
      fileName, Numbers.grouped(byteCount), Numbers.grouped(parameterCount),
      Numbers.fixed(bitsPerWeight, digits: 2),
      matrixEncodings.map(\.description).joined(separator: ", "),
    ]
  }

  /// For machines.
  var json: JSONValue {
    [
      "name": .string(stage.rawValue), "file": .string(fileName), "bytes": .integer(byteCount),
      "tensors": .integer(tensors.count), "parameters": .integer(parameterCount),
      "bits_per_weight": .number(bitsPerWeight),
      "encodings": .array(matrixEncodings.map { .string($0.description) }),
    ]
  }
}

extension TensorOutcome {
  fileprivate var json: JSONValue {
    var members: [String: JSONValue] = [
      "name": .string(layout.tensor.name), "stage": .string(layout.tensor.stage.rawValue),
      "encoding": .string(layout.encoding.description),
      "underflowed": .integer(statistics.underflowed), "clamped": .integer(statistics.clamped),
      "exact": .boolean(statistics.isExact),
    ]
    if let layer = layout.tensor.layer { members["layer"] = .integer(layer) }
    if !statistics.isExact {
      let error = statistics.error
      members["max_abs"] = .number(error.maxAbs)
      members["rmse"] = .number(error.rootMeanSquare(count: layout.tensor.shape.elementCount))
      if let ratio = error.signalToNoise { members["sqnr_db"] = .number(ratio) }
    }
    return .object(members)
  }
}
