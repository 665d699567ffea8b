import FileAccess
import GGUF
import HuginnModel
import Kernels
import Tensors

extension StoredModel {
  /// Opens a GGUF file; of a malformed one there are diagnostics and nothing else.
  ///
  /// - Throws: `FileError` if it cannot be read.
  init(ggufPath path: String) throws(FileError) {
    do throws(GGUFError) {
      self.init(try GGUFFile(path: path), path: path)
    } catch {
      switch error {
      case .file(let error): throw error
      case .malformed(_, let fault):
        self.init(malformed: fault, path: path)
      }
    }
  }

  private init(malformed fault: GGUFFault, path: String) {
    let diagnostic = Diagnostic(
      .ggufMalformed, subject: Path.name(of: path), found: fault.description,
      hint: "download or export this file again")
    self.init(path: path, .gguf(nil), nil, [:], [diagnostic], files: [])
  }

  private init(_ file: GGUFFile, path: String) {
    let (config, found) = HuginnConfig.parse(gguf: file.header.metadata)
    var diagnostics = found
    let names = config?.tensorsByGGUFName ?? [:]
    var tensors: [String: StoredTensor] = [:]
    for tensor in file.header.tensors {
      let name = names[tensor.name]?.name ?? tensor.name
      guard tensors[name] == nil else {
        diagnostics.append(
          Diagnostic(
            .tensorDuplicate, subject: name, expected: "one name", found: tensor.name.quoted,
            hint:
              "the file holds this tensor twice, under its GGUF name and its reference name"))
        continue
      }
      tensors[name] = StoredTensor(
        name: name, shape: tensor.shape, type: tensor.type.description, file: file.file,
        byteRange: file.byteRange(of: tensor),
        storage: tensor.byteCount == nil ? .unknown : tensor.type.storage)
    }
    if let config { diagnostics += config.layoutDiagnostics(of: tensors) }
    self.init(
      path: path, .gguf(file), config, tensors, diagnostics,
      files: [(Path.name(of: file.file.path), file.file.byteCount)])
  }
}

extension GGUFTensorType {
  fileprivate var storage: StoredTensor.Storage {
    switch self {
    case .f32: .values(.f32)
    case .f16: .values(.f16)
    case .bf16: .values(.bf16)
    case .q8_0: .codes(CodeLayout(groupSize: BlockFormat.elementCount, scales: .before))
    case .q4_0:
      .codes(CodeLayout(groupSize: BlockFormat.elementCount, scales: .before, form: .halves))
    default: .other
    }
  }
}

extension HuginnConfig {
  /// Checks an export's tensors against the layout.
  ///
  /// Its matrices may be stored in several ways, which is what mixed precision means.
  func layoutDiagnostics(
    of tensors: [String: StoredTensor], absenceExplained explained: Set<String> = []
  ) -> [Diagnostic] {
    let sorted = tensors.values.sorted { $0.name < $1.name }
    let unread = sorted.filter { $0.valueDType == nil }
    let descriptions = sorted.compactMap { tensor in
      tensor.valueDType.map {
        TensorDescription(name: tensor.name, dtype: $0, shape: tensor.shape)
      }
    }
    let findings = layoutDiagnostics(
      of: descriptions, absenceExplained: explained.union(unread.map(\.name)), mayMixDTypes: true)
    return findings
      + unread.map { tensor in
        Diagnostic(
          .tensorDType, subject: tensor.name, expected: "F32, F16, BF16, Q8_0 or Q4_0",
          found: tensor.type,
          hint: tensor.byteCount == nil
            ? "this type is unknown: export the model in another type"
            : "values of this type cannot be read")
      }
  }
}
