import ArgumentParser
import Conversion
import Kernels
import Models
import Presentation
import Quantization
import Report
import StrictJSON
import Tensors

/// `muninn diff`.
struct Diff: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare two models, tensor by tensor.",
    discussion: """
      Each model is a pack, a checkpoint, a GGUF file or a compressed-tensors checkpoint; codes are \
      decoded. Lists the tensors of the second that are missing, extra, of another shape or \
      different in value, compared with the first, the worst first. Exits with 2 if a value differs \
      by more than the tolerance.

      Example: muninn diff huginn-0125 huginn-0125-int8.muninn --tolerance 0.002
      """)

  @Argument(help: "The first model: a pack, a checkpoint or an export.")
  var first: String

  @Argument(help: "The second model, which is compared with the first.")
  var second: String

  @Option(help: ArgumentHelp("The largest absolute difference that is treated as equal."))
  var tolerance = 0.0

  @OptionGroup var report: ReportOptions
  @OptionGroup var threads: WorkerOptions

  func validate() throws {
    if !(tolerance >= 0 && tolerance.isFinite) {
      throw ValidationError("--tolerance must be a finite number, 0 or greater.")
    }
  }

  mutating func run() throws {
    let (workers, kernels) = (threads.workers, threads.kernels)
    let (left, right) = (try open(first), try open(second))
    let total = left.tensors.values.reduce(0) {
      // Types of unknown size bound the elements of each tensor, not of all.
      $0.adding(8 * $1.shape.elementCount) ?? .max
    }
    let progress = Progress("comparing", total: total, options: report)
    let diff = try failing {
      try Conversion.Diff(
        left, right, workers: workers, kernels: kernels, monitor: progress.monitor)
    }
    progress.finish()
    let tolerance = self.tolerance
    let exceeding = diff.differences.filter { $0.exceeds(tolerance) }
    try report.print(
      text(diff.differences, exceeding: exceeding.count),
      [
        "equal": .boolean(exceeding.isEmpty), "tolerance": .number(tolerance),
        "first": .string(first), "second": .string(second),
        "exceeding": .integer(exceeding.count),
        "tensors": .array(diff.differences.map { $0.json(tolerance) }),
      ])
    if !exceeding.isEmpty { throw Failure.wanting }
  }

  private func open(_ path: String) throws(Failure) -> StoredModel {
    let model = try openModel(path)
    report.warn(model.diagnostics)
    try failing { try model.requireWeights() }
    return model
  }

  private func text(_ differences: [TensorDifference], exceeding: Int) -> String {
    let differing = differences.filter { $0.exceeds(0) }
    var table = Table([
      ("tensor", .left), ("first", .left), ("second", .left), ("max abs", .right),
      ("RMSE", .right), ("SQNR", .right), ("first difference", .left),
    ])
    for difference in differing { table.add(difference.cells) }
    let equal = Numbers.count(differences.count - differing.count, "tensor") + " equal"
    let within = differing.count - exceeding
    return (differing.isEmpty ? "" : table.text)
      + "\(equal), \(differing.count) different"
      + (within > 0 ? ", \(within) of them within \(tolerance)" : "") + "\n"
  }
}

extension TensorDifference {
  fileprivate var cells: [String] {
    let types = [name, firstType ?? "-", secondType ?? "-"]
    switch finding {
    case .missing: return types + ["", "", "", "missing in the second"]
    case .extra: return types + ["", "", "", "extra in the second"]
    case .shape(let first, let second): return types + ["", "", "", "shape \(first), \(second)"]
    case .unreadable: return types + ["", "", "", "values of this type cannot be read"]
    case .values(let comparison):
      return types + [
        Numbers.scientific(comparison.sums.maxAbs), Numbers.scientific(comparison.rmse),
        comparison.sums.signalToNoise.map { Numbers.fixed($0, digits: 1) + " dB" } ?? "-",
        (comparison.position.map { "row \($0.row), column \($0.column)" } ?? "")
          + (comparison.isReordered ? "; same values in another order" : ""),
      ]
    }
  }

  fileprivate func json(_ tolerance: Double) -> JSONValue {
    var members: [String: JSONValue] = [
      "name": .string(name), "exceeds": .boolean(exceeds(tolerance)),
    ]
    if let firstType { members["first"] = .string(firstType) }
    if let secondType { members["second"] = .string(secondType) }
    switch finding {
    case .missing: members["finding"] = "missing"
    case .extra: members["finding"] = "extra"
    case .unreadable: members["finding"] = "unreadable"
    case .shape(let first, let second):
      members["finding"] = "shape"
      members["shapes"] = [.string("\(first)"), .string("\(second)")]
    case .values(let comparison):
      members["finding"] = comparison.firstDifference == nil ? "equal" : "values"
      // JSON has no infinity: what is not finite is left out.
      if comparison.sums.maxAbs.isFinite {
        members["max_abs"] = .number(comparison.sums.maxAbs)
        members["rmse"] = .number(comparison.rmse)
      }
      if comparison.isReordered { members["reordered"] = true }
      if let sqnr = comparison.sums.signalToNoise { members["sqnr_db"] = .number(sqnr) }
      if let position = comparison.position {
        members["first_difference"] = [
          "row": .integer(position.row), "column": .integer(position.column),
        ]
      }
    }
    return .object(members)
  }
}

extension TensorDifference.Comparison {
  fileprivate var rmse: Double { sums.rootMeanSquare(count: shape.elementCount) }

  fileprivate var position: (row: Int, column: Int)? {
    firstDifference.map { ($0 / max(1, shape.columns), $0 % max(1, shape.columns)) }
  }
}
