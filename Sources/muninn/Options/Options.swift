import ArgumentParser
import HuginnModel
import Kernels
import Parallelism
import StrictJSON
import Tensors

/// The options of every verb that reports.
struct ReportOptions: ParsableArguments {
  @Flag(help: "Print the result as one line of JSON.")
  var json = false

  @Flag(help: "Print neither progress nor notes. Warnings are still printed.")
  var quiet = false

  init() {}

  /// The options of a verb without JSON.
  init(quiet: Bool) {
    (json, self.quiet) = (false, quiet)
  }

  /// Prints a result for people or for machines to standard output.
  ///
  /// - Throws: ``Failure`` if standard output does not accept it.
  func print(
    _ text: @autoclosure () -> String, _ value: @autoclosure () -> JSONValue
  ) throws(Failure) {
    let result = json ? String(decoding: value().canonicalBytes, as: UTF8.self) + "\n" : text()
    if case .failed(let code) = Terminal.write(result, to: .output) {
      throw Failure.lostOutput(code)
    }
  }

  /// Notes on files that have a sidecar's name but are not copied.
  func noteSkipped(_ names: [String]) {
    for name in names {
      note("\(name.quoted) was not copied: it is not a regular file with a plain name")
    }
  }

  /// Prints warnings to standard error; --quiet does not hide them.
  func warn(_ diagnostics: [Diagnostic]) {
    for diagnostic in diagnostics where diagnostic.severity == .warning {
      let text =
        json
        ? String(
          decoding: JSONValue.object(["warning": diagnostic.json]).canonicalBytes, as: UTF8.self)
          + "\n"
        : diagnostic.text(on: .error)
      Terminal.write(text, to: .error)
    }
  }

  /// Says where something replaced still takes space: like a finding, this is not hidden.
  func warn(of leftover: String?, leftBy what: String) {
    guard let leftover else { return }
    let text = "\(what) could not be removed and is left at \(leftover.quoted)"
    if json {
      let value: JSONValue = [
        "warning": ["code": "leftover", "subject": .string(leftover), "meaning": .string(text)]
      ]
      Terminal.write(String(decoding: value.canonicalBytes, as: UTF8.self) + "\n", to: .error)
    } else {
      Terminal.write("warning: \(text)\n", to: .error)
    }
  }

  /// Notes on files beside a pack's own that were skipped.
  func noteIgnored(_ names: [String]) {
    for name in names { note("\(name.quoted) is not part of the pack") }
  }

  /// Prints a note for people to standard error.
  func note(_ text: String) {
    if !quiet && !json { Terminal.write("note: \(text)\n", to: .error) }
  }
}

/// Which of several saves in one directory is meant.
struct VariantOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Read this variant of the weights: fp16 for model.fp16.safetensors.", valueName: "name"))
  var variant: String?
}

/// How many threads to use.
struct WorkerOptions: ParsableArguments {
  @Option(
    name: [.customShort("j", allowingJoined: true), .customLong("jobs")],
    help: ArgumentHelp(
      "Use N threads (default: one per processor). The result does not depend on it.",
      valueName: "n"))
  var j: Int?

  @Option(
    help: ArgumentHelp(
      "Use the kernels of this level of the processor.", valueName: "level", visibility: .hidden))
  var cpuLevel: String?

  func validate() throws {
    if let cpuLevel, Self.kernels(cpuLevel) == nil {
      let levels = CPULevel.available.map(\.rawValue).joined(separator: ", ")
      throw ValidationError(
        "--cpu-level must be one of \(levels) on this machine, not \(cpuLevel).")
    }
    if let j, !(1...1024).contains(j) {
      throw ValidationError("-j must be between 1 and 1024, not \(j).")
    }
  }

  var workers: Workers { Workers(count: j) }

  var kernels: KernelSet { cpuLevel.flatMap(Self.kernels) ?? .best }

  private static func kernels(_ level: String) -> KernelSet? {
    CPULevel(rawValue: level).flatMap { KernelSet($0) }
  }
}
