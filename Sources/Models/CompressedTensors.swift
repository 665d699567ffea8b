import Checkpoint
import FileAccess
import HuginnModel
import Tensors

extension StoredModel {
  /// The model of a checkpoint whose matrices are stored as the codes of compressed-tensors.
  ///
  /// - Returns: nil if the config does not name that scheme.
  /// - Throws: `FileError` if a shard cannot be read.
  init?(compressedTensors checkpoint: Checkpoint, path: String) throws(FileError) {
    guard checkpoint.quantization == "compressed-tensors" else { return nil }
    var folding = CodeFolding(checkpoint.storedTensors)
    for tensor in checkpoint.config?.tensors ?? [] where tensor.kind == .matrix {
      try folding.fold(tensor)
    }
    // Codes of other widths than ours are another scheme, and not 33 mistakes.
    if folding.isForeign { return nil }
    var diagnostics = checkpoint.fileDiagnostics + folding.diagnostics
    if let config = checkpoint.config {
      diagnostics += config.layoutDiagnostics(
        of: folding.tensors, absenceExplained: folding.lost)
    }
    self.init(
      path: path, .compressedTensors(checkpoint), checkpoint.config, folding.tensors, diagnostics,
      files: checkpoint.weightFiles)
  }
}

/// Takes codes, scales and shapes together, module by module.
private struct CodeFolding {
  private(set) var tensors: [String: StoredTensor]
  private(set) var diagnostics: [Diagnostic] = []
  /// The matrices that could not be taken together.
  private(set) var lost: Set<String> = []
  private var foldedCount = 0
  /// Whether not one matrix is stored as our exports store them, and several otherwise.
  var isForeign: Bool { foldedCount == 0 && lost.count > 1 }

  init(_ tensors: [String: StoredTensor]) {
    self.tensors = tensors
  }

  /// Puts a matrix in the place of the tensors that it is stored as.
  mutating func fold(_ model: ModelTensor) throws(FileError) {
    let (rows, columns) = (model.shape.rows, model.shape.columns)
    let scales = tensors["\(model.moduleName).weight_scale"]
    if let packed = tensors["\(model.moduleName).weight_packed"] {
      // Eight 4-bit codes in a word, or four of 8 bits.
      let isNarrow = packed.shape == Shape(rows, columns / 8) && columns.isMultiple(of: 8)
      let words = Shape(rows, isNarrow ? columns / 8 : (columns + 3) / 4)
      let isWhole = check(packed, "I32", words)
      let hasShape = try checkShape(of: model)
      place(
        model, codes: isWhole && hasShape ? packed : nil, isNarrow ? "w4a16" : "w8a16", scales,
        isNarrow ? .neighbours : .offsetBytes)
    } else if let codes = tensors[model.name], codes.type == DType.i8.rawValue {
      let isWhole = check(codes, DType.i8.rawValue, model.shape)
      place(model, codes: isWhole ? codes : nil, "w8a8", scales, .bytes)
    }
  }

  /// Places a matrix; its codes are nil if they are malformed, which has been reported.
  private mutating func place(
    _ model: ModelTensor, codes: StoredTensor?, _ type: String, _ scales: StoredTensor?,
    _ form: CodeLayout.Form
  ) {
    for part in ["weight", "weight_packed", "weight_scale", "weight_shape"] {
      tensors["\(model.moduleName).\(part)"] = nil
    }
    let groups = scales?.shape.columns ?? 0
    guard let scales, let dtype = scales.valueDType, scales.shape.rows == model.shape.rows,
      groups > 0, model.shape.columns.isMultiple(of: groups)
    else {
      report(
        "\(model.moduleName).weight_scale", "[\(model.shape.rows), groups] in F32, BF16 or F16",
        scales.map { "\($0.type) \($0.shape)" })
      lost.insert(model.name)
      return
    }
    guard let codes else {
      lost.insert(model.name)
      return
    }
    foldedCount += 1
    let place = CodeLayout.Scales(file: scales.file, byteRange: scales.byteRange, dtype: dtype)
    tensors[model.name] = StoredTensor(
      name: model.name, shape: model.shape, type: type, file: codes.file,
      byteRange: codes.byteRange,
      storage: .codes(
        CodeLayout(
          groupSize: model.shape.columns / groups, scales: .apart(place), form: form)))
  }

  // MARK: - Checks

  private mutating func check(_ tensor: StoredTensor, _ type: String, _ shape: Shape) -> Bool {
    if tensor.type == type && tensor.shape == shape { return true }
    report(tensor.name, "\(type) \(shape)", "\(tensor.type) \(tensor.shape)")
    return false
  }

  private mutating func checkShape(of model: ModelTensor) throws(FileError) -> Bool {
    let name = "\(model.moduleName).weight_shape"
    let found = try tensors[name].flatMap { tensor throws(FileError) in
      try Self.readShape(tensor)
    }
    if found == model.shape { return true }
    report(name, "\(model.shape) in I64", found?.description)
    return false
  }

  private mutating func report(_ subject: String, _ expected: String, _ found: String?) {
    diagnostics.append(
      Diagnostic(
        .codesMalformed, subject: subject, expected: expected, found: found ?? "nothing",
        hint: "export the pack again"))
  }

  /// The two numbers of `weight_shape`; nil if they are none.
  private static func readShape(_ tensor: StoredTensor) throws(FileError) -> Shape? {
    guard tensor.type == DType.i64.rawValue, tensor.shape == Shape(2) else { return nil }
    let bytes = try tensor.file.read(at: tensor.byteRange.lowerBound, count: 16)
    return try? Shape([0, 8].map { UInt64(littleEndianBytes: bytes[$0..<$0 + 8]) })
  }
}
