public import FileAccess
public import GGUF
public import HuginnModel
import Kernels
import Tensors

/// A model in the form of another engine: a GGUF file, or a checkpoint with the codes of
/// compressed-tensors.
///
/// It is looked at and compared; conversion starts from the float checkpoint. Opening reads headers
/// only, and whatever is wrong with the object is a diagnostic.
public struct ExportedModel: StoredModel {
  /// What it is.
  public enum Form: Sendable {
    /// A GGUF file; nil where its header is malformed.
    case gguf(GGUFFile?)
    /// A checkpoint whose config names compressed-tensors.
    case compressedTensors(Checkpoint)
  }

  /// What it is.
  public let form: Form
  /// The typed config; nil where it is missing or has errors.
  public let config: HuginnConfig?
  /// The tensors, by the reference's names; those that the model does not have by their own.
  public let storedTensors: [String: StoredTensor]
  /// What is wrong or noteworthy, by headers alone.
  public let diagnostics: [Diagnostic]
  /// The files that hold the tensors, with their bytes.
  public let weightFiles: [(name: String, byteCount: Int)]

  init(
    _ form: Form, _ config: HuginnConfig?, _ tensors: [String: StoredTensor],
    _ diagnostics: [Diagnostic], files: [(name: String, byteCount: Int)]
  ) {
    self.form = form
    self.config = config
    self.storedTensors = tensors
    self.diagnostics = diagnostics
    self.weightFiles = files
  }

  /// Opens a GGUF file; of a malformed one there are diagnostics and nothing else.
  ///
  /// - Returns: nil where the path is no GGUF file.
  /// - Throws: `FileError` where it cannot be read.
  public init?(ggufPath path: String) throws(FileError) {
    guard try FileStatus(ofPath: path).kind == .regular else { return nil }
    do throws(GGUFError) {
      self.init(try GGUFFile(path: path))
    } catch {
      switch error {
      case .file(let error): throw error
      case .malformed(_, .magic): return nil
      case .malformed(_, let fault):
        self.init(malformed: fault, path: path)
      }
    }
  }
}

// MARK: - GGUF

extension ExportedModel {
  private init(malformed fault: GGUFFault, path: String) {
    let diagnostic = Diagnostic(
      .ggufMalformed, subject: Path.name(of: path), found: fault.description,
      hint: "download or export this file again")
    self.init(.gguf(nil), nil, [:], [diagnostic], files: [])
  }

  private init(_ file: GGUFFile) {
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
            hint: "the file names one tensor as GGUF does and as the reference does"))
        continue
      }
      tensors[name] = StoredTensor(
        name: name, shape: tensor.shape, type: tensor.type.description, file: file.file,
        byteRange: file.byteRange(of: tensor),
        storage: tensor.byteCount == nil ? .unknown : tensor.type.storage)
    }
    if let config { diagnostics += config.layoutDiagnostics(of: tensors) }
    self.init(
      .gguf(file), config, tensors, diagnostics,
      files: [(Path.name(of: file.file.path), file.file.byteCount)])
  }
}

extension GGUFTensorType {
  fileprivate var storage: StoredTensor.Storage {
    switch self {
    case .f32: .values(.f32)
    case .f16: .values(.f16)
    case .bf16: .values(.bf16)
    case .q8_0: .codes(CodeLayout(groupSize: Q8_0.blockElementCount, scales: .before))
    default: .other
    }
  }
}

// MARK: - Layout

extension HuginnConfig {
  /// Checks an exported model's tensors against the layout.
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
          .tensorDType, subject: tensor.name, expected: "F32, F16, BF16 or Q8_0",
          found: tensor.type,
          hint: tensor.byteCount == nil
            ? "neither values nor bytes of this type are known here: export the model in another"
            : "values of this type are not read")
      }
  }
}
