import FileAccess
public import HuginnModel
public import Integrity
public import Kernels
public import StrictJSON
public import Tensors

/// What `manifest.json` says: the one source of truth about a pack.
///
/// A value that exists is consistent with itself; the layout, and with it most of the file, follows
/// from ``config`` and ``recipe``.
public struct Manifest: Equatable, Sendable {
  /// The program that wrote the pack.
  public struct Tool: Equatable, Sendable {
    /// Its name.
    public let name: String
    /// Its version.
    public let version: String

    /// A tool.
    public init(name: String, version: String) {
      self.name = name
      self.version = version
    }
  }

  /// A file that is vouched for by its digest: a source shard, the index, or a sidecar.
  public struct File: Equatable, Sendable {
    /// A plain name.
    public let name: String
    /// Its length.
    public let byteCount: Int
    /// Of its bytes.
    public let sha256: Digest

    /// A file.
    public init(name: String, byteCount: Int, sha256: Digest) {
      self.name = name
      self.byteCount = byteCount
      self.sha256 = sha256
    }
  }

  /// What the manifest says of one tensor beyond its layout.
  public struct TensorRecord: Equatable, Sendable {
    /// Of its planes' bytes, in file order.
    public let sha256: Digest
    /// The dtype it had in the checkpoint.
    public let sourceDType: DType
    /// What encoding it lost; nil if every decoded value equals its source.
    public let error: ErrorSums?

    /// A record.
    public init(sha256: Digest, sourceDType: DType, error: ErrorSums?) {
      self.sha256 = sha256
      self.sourceDType = sourceDType
      self.error = error
    }
  }

  /// The program that wrote the pack.
  public var tool: Tool
  /// The model's sizes.
  public let config: HuginnConfig
  /// The encodings.
  public let recipe: Recipe
  /// Where everything lies.
  public let layout: PackLayout
  /// What the segments' headers carry.
  public let identity: Digest
  /// The shards that were converted, by name.
  public let sourceFiles: [File]
  /// The index of a sharded checkpoint.
  public let sourceIndex: File?
  /// The tensors, in the order of ``PackLayout/tensors``.
  public let tensors: [TensorRecord]
  /// The dtype of the rotary table that the checkpoint stored; nil if it stored none.
  public let rotaryTableDType: DType?
  /// The files copied from the checkpoint, by name.
  public let sidecars: [File]
  /// What readers ignore.
  public let extensions: JSONValue?

  /// A manifest.
  ///
  /// - Throws: ``LayoutError`` if the recipe does not fit the model.
  public init(
    tool: Tool, config: HuginnConfig, recipe: Recipe, identity: Digest, sourceFiles: [File],
    sourceIndex: File?, tensors: [TensorRecord], rotaryTableDType: DType?, sidecars: [File],
    extensions: JSONValue? = nil
  ) throws(LayoutError) {
    self.tool = tool
    self.config = config
    self.recipe = recipe
    self.layout = try PackLayout(config, recipe)
    self.identity = identity
    self.sourceFiles = sourceFiles
    self.sourceIndex = sourceIndex
    self.tensors = tensors
    self.rotaryTableDType = rotaryTableDType
    self.sidecars = sidecars
    self.extensions = extensions
    precondition(tensors.count == layout.tensors.count, "a record for each tensor")
  }

  /// The digest that names the whole pack: SHA-256 of the canonical manifest without it.
  public var digest: Digest { Digest(of: jsonWithoutDigest.canonicalBytes.span.rawBytes) }
}
