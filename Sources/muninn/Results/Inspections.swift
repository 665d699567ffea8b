import FileAccess
import GGUF
import HuginnModel
import Models
import PackFormat
import Presentation
import Quantization
import Safetensors
import StrictJSON
import Tensors

/// Rows of tensors counted together: a stage, or a whole file.
private struct TensorSum {
  private(set) var count = 0
  private(set) var parameters = 0
  /// Nil where a tensor's are not known.
  private(set) var bytes: Int? = 0
  private(set) var types: [String] = []

  mutating func add(elements: Int, bytes: Int?, type: String) {
    count += 1
    parameters = parameters.adding(elements) ?? .max
    self.bytes = self.bytes.flatMap { sum in bytes.map { sum + $0 } }
    if !types.contains(type) { types.append(type) }
  }

  func cells(_ name: String) -> [String] {
    [
      name, String(count), Numbers.grouped(parameters),
      bytes.map { Numbers.grouped($0) } ?? "unknown",
      types.joined(separator: ", "),
    ]
  }

  static func table(_ rows: [(String, TensorSum)], types: String) -> String {
    var table = Table([
      ("stage", .left), ("tensors", .right), ("parameters", .right), ("bytes", .right),
      (types, .left),
    ])
    for (name, sum) in rows { table.add(sum.cells(name)) }
    return table.text
  }
}

/// A list of tensors, one a line.
private func tensorListing(_ tensors: [(TensorDescription, String)]) -> String {
  var table = Table([("tensor", .left), ("type", .left), ("shape", .left)])
  for (tensor, type) in tensors { table.add([tensor.name, type, "\(tensor.shape)"]) }
  return table.text
}

extension TensorDescription {
  /// A header that was read has sizes that were checked.
  fileprivate var byteCount: Int { (try? dtype.byteCount(of: shape.elementCount)) ?? 0 }

  fileprivate var json: JSONValue {
    [
      "name": .string(name), "dtype": .string(dtype.rawValue),
      "shape": .array(shape.dimensions.map { .integer(Int(clamping: $0)) }),
      "bytes": .integer(byteCount),
    ]
  }
}

extension HuginnConfig {
  fileprivate var summary: String {
    "n_embd \(embeddingSize), \(headCount) heads of \(headSize), intermediate \(intermediateSize), "
      + "vocabulary \(vocabularySize), context \(contextLength)\n"
      + "layers \(preludeLayerCount) prelude + \(coreLayerCount) core + \(codaLayerCount) coda, "
      + "mean recurrence \(meanRecurrence), \(tiesEmbeddings ? "tied" : "untied") head\n"
      + "\(Numbers.grouped(parameterCount)) parameters, each counted once\n"
  }
}

extension SafetensorsFile {
  func inspection(listing isListing: Bool) -> String {
    var sum = TensorSum()
    for entry in header.entries {
      sum.add(
        elements: entry.tensor.shape.elementCount, bytes: entry.dataRange.count,
        type: entry.tensor.dtype.rawValue)
    }
    var text = "safetensors file \(Path.name(of: file.path).quoted)\n"
    for (key, value) in header.metadata.sorted(by: { $0.key < $1.key }) {
      text += "metadata \(key.quoted): \(value.quoted)\n"
    }
    text += TensorSum.table([("all", sum)], types: "dtypes")
    if isListing {
      text += "\n" + tensorListing(header.entries.map { ($0.tensor, $0.tensor.dtype.rawValue) })
    }
    return text
  }

  func json(path: String) -> JSONValue {
    [
      "kind": "safetensors", "path": .string(path), "bytes": .integer(file.byteCount),
      "metadata": .object(header.metadata.mapValues { .string($0) }),
      "tensors": .array(header.entries.map(\.tensor.json)),
    ]
  }
}

extension StoredModel {
  /// The tensors of each stage, and those that are stored although they follow from others.
  private var stageSums: [(String, TensorSum)] {
    let stages = (config?.tensors ?? []).reduce(into: [String: Stage]()) { $0[$1.name] = $1.stage }
    var sums: [String: TensorSum] = [:]
    for tensor in sortedTensors {
      let stage = stages[tensor.name]?.rawValue ?? "other"
      sums[stage, default: TensorSum()].add(
        elements: tensor.shape.elementCount, bytes: tensor.byteCount, type: tensor.type)
    }
    return (Stage.allCases.map(\.rawValue) + ["other"]).compactMap { name in
      sums[name].map { (name, $0) }
    }
  }

  private var sortedTensors: [StoredTensor] { tensors.values.sorted { $0.name < $1.name } }

  func inspection(listing isListing: Bool) -> String {
    var text = "\(kind.name) \(path.quoted): \(summary)\n"
    for (key, value) in kind.metadata { text += "metadata \(key.quoted): \(value)\n" }
    text += config?.summary ?? ""
    text += TensorSum.table(stageSums, types: "types")
    for file in weightFiles {
      text += "\(file.name)  \(Numbers.grouped(file.byteCount)) bytes\n"
    }
    if isListing {
      var table = Table([("tensor", .left), ("type", .left), ("shape", .left)])
      for tensor in sortedTensors { table.add([tensor.name, tensor.type, "\(tensor.shape)"]) }
      text += "\n" + table.text
    }
    return text + diagnostics.map(\.text).joined()
  }

  /// The same for machines.
  var json: JSONValue {
    var members: [String: JSONValue] = [
      "kind": .string(kind.code), "path": .string(path), "bytes": .integer(byteCount),
      "model": config?.model ?? .null,
      "shards": .array(
        weightFiles.map { ["name": .string($0.name), "bytes": .integer($0.byteCount)] }),
      "stages": .array(
        stageSums.map { name, sum in
          [
            "name": .string(name), "tensors": .integer(sum.count),
            "parameters": .integer(sum.parameters),
            "bytes": sum.bytes.map { .integer($0) } ?? .null,
            "dtypes": .array(sum.types.map { .string($0) }),
          ]
        }),
      "tensors": .array(sortedTensors.map(\.json)),
      "diagnostics": .array(diagnostics.map(\.json)),
    ]
    if let config { members["parameters"] = .integer(config.parameterCount) }
    if !kind.metadata.isEmpty {
      members["metadata"] = .object(
        Dictionary(uniqueKeysWithValues: kind.metadata.map { ($0.key, .string($0.value)) }))
    }
    return .object(members)
  }

  /// What the files are, for people and for machines, and what a GGUF file says of itself.
  private var kind: (name: String, code: String, metadata: [(key: String, value: String)]) {
    switch form {
    case .checkpoint: return ("checkpoint", "checkpoint", [])
    case .pack: return ("pack", "pack", [])
    case .compressedTensors: return ("compressed-tensors checkpoint", "compressed-tensors", [])
    case .gguf(let file):
      let header = file?.header
      let metadata = (header?.keys ?? []).map { key in (key, header?.metadata[key]?.text ?? "") }
      return ("GGUF file", "gguf", metadata)
    }
  }
}

extension StoredTensor {
  fileprivate var json: JSONValue {
    [
      "name": .string(name), "dtype": .string(type),
      "shape": .array(shape.dimensions.map { .integer(Int(clamping: $0)) }),
      "bytes": byteCount.map { .integer($0) } ?? .null,
    ]
  }
}

extension Manifest {
  func inspection(path: String, listing isListing: Bool) -> String {
    var text = "pack \(path.quoted), format version \(PackConstants.version), "
    text += "written by \(tool.name.printable) \(tool.version.printable)\n" + config.summary
    let rows = layout.segments.map { segment in
      var sum = TensorSum()
      for tensor in segment.tensors {
        sum.add(
          elements: tensor.tensor.shape.elementCount, bytes: tensor.byteCount,
          type: tensor.encoding.description)
      }
      return (segment.stage.rawValue, sum)
    }
    text += TensorSum.table(rows, types: "encodings")
    for segment in layout.segments {
      text += "\(segment.fileName)  \(Numbers.grouped(segment.byteCount)) bytes\n"
    }
    for file in sourceFiles {
      text += "from \(file.name)  \(Numbers.grouped(file.byteCount)) bytes  sha256 \(file.sha256)\n"
    }
    text += "identity \(identity)\ndigest \(digest)\n"
    guard isListing else { return text }
    var table = Table([
      ("tensor", .left), ("encoding", .left), ("shape", .left), ("offset", .right),
      ("bytes", .right),
    ])
    for tensor in layout.tensors {
      table.add([
        tensor.tensor.name, tensor.encoding.description, "\(tensor.tensor.shape)",
        String(tensor.planes.first?.byteOffset ?? 0), Numbers.grouped(tensor.byteCount),
      ])
    }
    return text + "\n" + table.text
  }

  func json(path: String) -> JSONValue {
    [
      "kind": "pack", "path": .string(path), "bytes": .integer(layout.byteCount),
      "digest": .string("\(digest)"), "manifest": jsonWithoutDigest,
      "parameters": .integer(config.parameterCount),
    ]
  }
}
