import FileAccess
import HuginnModel
import Integrity
import Kernels
import StrictJSON
import Tensors

extension Manifest {
  /// Reads and checks a `manifest.json`.
  ///
  /// Only what is free is taken from the file; the rest is derived from `model` and `recipe`,
  /// written again, and must be the same to the byte. So an unknown key, a plane that leaves the
  /// layout and white space between tokens are all one check.
  ///
  /// - Parameter bytes: the file, at most ``PackConstants/manifestByteLimit``.
  /// - Throws: ``ManifestError``.
  public init(parsing bytes: [UInt8]) throws(ManifestError) {
    let document = try ManifestError.reading(JSONValue(parsing: bytes))
    // Another format or version may have any other shape: these two come first.
    try Self.checkFormat(document)
    let raw = try ManifestError.reading(RawManifest(document))
    self = try Manifest(raw)
    let canonical = canonicalBytes
    if canonical == bytes { return }
    // Not what it should be: say where, by what a person can look up first.
    if let difference = firstDifference(in: document) { throw difference }
    let stored = try Self.digest(raw.digest, path: "digest")
    guard digest == stored else { throw .digest(expected: digest, found: stored) }
    let offset = zip(canonical, bytes).enumerated().first { $1.0 != $1.1 }?.offset
    throw .notCanonical(byteOffset: offset ?? min(canonical.count, bytes.count))
  }

  private static func checkFormat(_ document: JSONValue) throws(ManifestError) {
    let (format, version) = try ManifestError.reading { () throws(JSONError) in
      var document = try JSONObject(document)
      return (try document.string("format"), try document.count("version"))
    }
    guard format == PackConstants.format else { throw .format(found: format) }
    guard version == PackConstants.version else { throw .version(found: version) }
  }

  /// Types the free members and checks the values that nothing else determines.
  private init(_ raw: RawManifest) throws(ManifestError) {
    let config: HuginnConfig
    do throws(ModelMemberError) { config = try HuginnConfig(model: raw.model) } catch {
      throw .model(error)
    }
    let expectedCount = config.tensors.count
    guard raw.tensors.count == expectedCount else {
      throw .differs(
        path: "tensors", expected: "a list of \(expectedCount)",
        found: "a list of \(raw.tensors.count)")
    }
    let recipe: Recipe
    do throws(RecipeError) {
      recipe = try Recipe(raw.recipe)
      try recipe.checkPatterns(against: config)
    } catch {
      throw .recipe(error)
    }
    var records: [TensorRecord] = []
    for record in raw.tensors { records.append(try Self.record(record)) }
    let sourceFiles = try Self.files(raw.sourceFiles, path: "source.files") { _ in true }
    guard !sourceFiles.isEmpty else {
      throw .value(path: "source.files", expected: "at least one file", found: "an empty list")
    }
    let sidecars = try Self.files(
      raw.sidecars, path: "sidecars", isAllowed: PackFileNames.isSidecar)
    let index = try Self.files(
      raw.sourceIndex.map { [$0] } ?? [], path: "source.index",
      expected: PackFileNames.sourceIndex.quoted
    ) { $0 == PackFileNames.sourceIndex }
    let identity = try Self.digest(raw.identity, path: "identity")
    let rotaryTableDType = try raw.rotaryTableDType.map { name throws(ManifestError) in
      try Self.dtype(name, path: "derived.\(HuginnConfig.rotaryTableName).stored")
    }
    do throws(LayoutError) {
      try self.init(
        tool: Tool(name: raw.toolName, version: raw.toolVersion), config: config, recipe: recipe,
        identity: identity, sourceFiles: sourceFiles, sourceIndex: index.first, tensors: records,
        rotaryTableDType: rotaryTableDType, sidecars: sidecars, extensions: raw.extensions)
    } catch {
      throw .layout(error)
    }
  }

  private static func record(_ raw: RawManifest.Record) throws(ManifestError) -> TensorRecord {
    var error: ErrorSums?
    if let sums = raw.error {
      guard sums.maxAbs > 0, sums.sumSquaredError >= 0, sums.sumSquaredSource >= 0 else {
        throw .value(
          path: raw.path + ".error", expected: "null, or a positive maximum and sums of squares",
          found: "a maximum of \(sums.maxAbs), sums of \(sums.sumSquaredError) and "
            + "\(sums.sumSquaredSource)")
      }
      error = ErrorSums()
      error?.maxAbs = sums.maxAbs
      error?.sumSquaredError = sums.sumSquaredError
      error?.sumSquaredSource = sums.sumSquaredSource
    }
    return TensorRecord(
      sha256: try digest(raw.sha256, path: raw.path + ".sha256"),
      sourceDType: try dtype(raw.sourceDType, path: raw.path + ".source_dtype"), error: error)
  }

  private static func files(
    _ raw: [RawManifest.File], path: String, expected: String = "a plain file name",
    isAllowed: (String) -> Bool
  ) throws(ManifestError) -> [File] {
    var files: [File] = []
    for file in raw {
      guard Path.isPlainName(file.name), isAllowed(file.name) else {
        throw .value(path: file.path, expected: expected, found: file.name.quoted)
      }
      guard file.byteCount <= PackConstants.fileByteLimit else {
        throw .value(
          path: file.path + ".bytes", expected: "an integer from 0 to 2^53",
          found: "\(file.byteCount)")
      }
      if let last = files.last, last.name.utf8.lexicographicallyPrecedes(file.name.utf8) == false {
        throw .order(path: path)
      }
      files.append(
        File(
          name: file.name, byteCount: file.byteCount,
          sha256: try digest(file.sha256, path: file.path + ".sha256")))
    }
    return files
  }

  private static func digest(_ text: String, path: String) throws(ManifestError) -> Digest {
    guard let digest = Digest(hexadecimal: text) else {
      throw .value(
        path: path, expected: "64 lower-case hexadecimal digits", found: text.quoted)
    }
    return digest
  }

  private static func dtype(_ text: String, path: String) throws(ManifestError) -> DType {
    guard let dtype = DType(rawValue: text), HuginnConfig.convertedDTypes.contains(dtype) else {
      throw .value(path: path, expected: "F32, F16 or BF16", found: text.quoted)
    }
    return dtype
  }

  /// The first member in which a document is not what this manifest says.
  private func firstDifference(in document: JSONValue) -> ManifestError? {
    guard case .object(var members) = document else { return nil }
    members["digest"] = nil
    return JSONValue.object(members).firstDifference(from: jsonWithoutDigest).map {
      .differs(path: $0.path, expected: $0.expected, found: $0.found)
    }
  }
}
