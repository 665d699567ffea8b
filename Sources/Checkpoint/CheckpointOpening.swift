import FileAccess
import HuginnModel
import Safetensors
import StrictJSON
import Tensors

/// The steps of opening a checkpoint, and what they find: first the files.
struct CheckpointOpening {
  let location: CheckpointLocation
  var index: Checkpoint.Index?
  private(set) var shards: [Checkpoint.Shard] = []
  /// By the names in the files until ``nameTensors(_:)``, then by the model's.
  var tensors: [String: Checkpoint.Tensor] = [:]
  /// Tensors that are stored a second time.
  var copies: [Checkpoint.Tensor] = []
  /// Tensors of a shard that the index does not name.
  var unlisted: [Checkpoint.Tensor] = []
  var diagnostics: [Diagnostic] = []
  var configBytes: [UInt8] = []
  /// The model's names by the stored names; nil if the stored names are the model's.
  var renaming: TensorRenaming?
  /// The model's names of tensors that are stored under that of an alias.
  var aliases: [String: String] = [:]
  /// The names that the index places in each shard, sorted.
  private(set) var namesByShard: [String: [String]] = [:]
  /// Those of the shards that are missing or malformed.
  private(set) var namesInLostShards: Set<String> = []
  private(set) var missingShards: [String] = []
  /// Set where the model is of another family, and its layout not worth a check.
  var relative: Diagnostic?
  /// The scheme of the codes that stand in the place of values.
  var quantization: String?

  init(_ location: CheckpointLocation) {
    self.location = location
  }

  // MARK: - Index and shards

  mutating func readIndex() throws(FileError) {
    if case .sharded(let name) = location.weights { try readIndex(name) }
    // Some writers make an index for one file too; one of several shards is of an older save.
    guard case .single(let whole) = location.weights, let beside = location.indexBeside else {
      return
    }
    let bytes = try? InputFile.contents(
      of: location.path(of: beside), limit: SafetensorsLimits.indexByteCount)
    let contents = bytes.flatMap { try? SafetensorsIndex(parsing: $0) }
    if let bytes, let contents, contents.shardNames == [whole] {
      index = Checkpoint.Index(name: beside, bytes: bytes, contents: contents)
      takeMap(contents)
      return
    }
    let listed = contents?.shardNames.filter(location.fileNames.contains) ?? []
    let found =
      contents == nil
      ? "a file that is not an index"
      : listed.isEmpty ? "an index of other shards" : listed.abbreviated(to: 4)
    report(
      .weightsUnread, beside, expected: "\(whole) alone", found: found,
      hint: "\(whole) is read instead, as loaders do; remove the older of the two")
  }

  private mutating func readIndex(_ name: String) throws(FileError) {
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try InputFile.contents(
        of: location.path(of: name), limit: SafetensorsLimits.indexByteCount)
    } catch {
      try note(error, as: .indexMalformed, subject: name, hint: "download the index again")
      return
    }
    do throws(JSONError) {
      let contents = try SafetensorsIndex(parsing: bytes)
      index = Checkpoint.Index(name: name, bytes: bytes, contents: contents)
      takeMap(contents)
    } catch {
      index = Checkpoint.Index(name: name, bytes: bytes, contents: nil)
      report(
        .indexMalformed, name, found: Self.whatIsThere(bytes) ?? error.description,
        hint: "download the index again")
    }
  }

  private mutating func takeMap(_ contents: SafetensorsIndex) {
    namesByShard = Dictionary(grouping: contents.weightMap, by: \.value)
      .mapValues { $0.map(\.key).sorted() }
  }

  mutating func openShards() throws(FileError) {
    switch location.weights {
    case .none:
      reportNoWeights()
    case .single(let name):
      if Path.isPlainName(name) {
        try openShard(name)
      } else {
        // A pack names its source, by names that are plain everywhere.
        report(
          .shardName, name, expected: "letters, digits, '.', '_', '-'", found: name.quoted,
          hint: "rename the file")
      }
    case .counted(let names):
      for name in names { try openShard(name) }
    case .sharded:
      for name in index?.contents?.shardNames ?? [] {
        if Path.isPlainName(name) {
          try openShard(name)
        } else {
          let parts = name.split(separator: "/", omittingEmptySubsequences: false)
          let isInside = parts.count > 1 && parts.allSatisfy { Path.isPlainName(String($0)) }
          report(
            .shardName, name, expected: "letters, digits, '.', '_', '-'",
            found: isInside ? "a file in another folder" : "a path",
            hint: isInside
              ? "weights in a folder of their own are not read from here: put them beside the index"
              : "do not use this index: it reaches outside the checkpoint's directory")
          loseShard(name)
        }
      }
    }
  }

  private mutating func openShard(_ name: String) throws(FileError) {
    do throws(SafetensorsError) {
      let file = try SafetensorsFile(path: location.path(of: name))
      let total = shards.reduce(file.file.byteCount) { $0 + $1.safetensors.file.byteCount }
      guard total <= SafetensorsLimits.dataByteCount else {
        loseShard(name)
        report(
          .shardMalformed, name,
          expected: "at most \(SafetensorsLimits.dataByteCount) bytes in all",
          found: "more", hint: "no model is that large: the file is sparse or damaged")
        return
      }
      shards.append(Checkpoint.Shard(name: name, safetensors: file))
    } catch {
      loseShard(name)
      switch error {
      case .file(.notFound), .file(.danglingLink):
        missingShards.append(name)
      case .file(let error):
        try note(error, as: .shardMalformed, subject: name, hint: "download this shard again")
      case .malformed(_, let fault):
        report(
          .shardMalformed, name, found: fault.description, hint: "download this shard again")
      }
    }
  }

  private mutating func loseShard(_ name: String) {
    namesInLostShards.formUnion(namesByShard[name] ?? [])
  }

  // MARK: - Tensors

  mutating func collectTensors() {
    let map = index?.contents?.weightMap
    for (position, shard) in shards.enumerated() {
      for entry in shard.safetensors.header.entries {
        let start = shard.safetensors.dataOffset + entry.dataRange.lowerBound
        let tensor = Checkpoint.Tensor(
          description: entry.tensor, shard: position,
          byteRange: start..<start + entry.dataRange.count, file: shard.safetensors.file)
        let name = entry.tensor.name
        if let map, map[name] == nil {
          unlisted.append(tensor)
        } else if map.map({ $0[name] == shard.name }) ?? (tensors[name] == nil) {
          tensors[name] = tensor
        } else {
          copies.append(tensor)
        }
      }
    }
    checkCopies()
    if let map { checkOwnership(map) }
  }

  /// What is stored twice must be the same, which the values show; of another type it is not.
  private mutating func checkCopies() {
    copies = copies.filter { copy in
      let name = copy.description.name
      // Without the owner it is in the wrong shard, which is said of the map.
      guard let owner = tensors[name] else { return false }
      let places = [owner, copy].map { shards[$0.shard].name }
      guard owner.description == copy.description else {
        report(
          .tensorDuplicate, name, expected: "in \(places[0])",
          found: "in " + places.sorted().joined(separator: ", ") + ", with another shape or dtype",
          hint: "shards from several downloads are mixed: download into an empty directory")
        return false
      }
      report(
        .tensorCopied, name, found: "in " + places.sorted().joined(separator: ", "),
        hint: "\(places[0]) has the one that is used; the others must have the same values")
      return true
    }
  }

  /// Every tensor of the map is in the shard that it names.
  private mutating func checkOwnership(_ map: [String: String]) {
    var holders: [String: String] = [:]
    for shard in shards {
      for entry in shard.safetensors.header.entries { holders[entry.tensor.name] = shard.name }
    }
    for (name, owner) in map.sorted(by: { $0.key < $1.key })
    where tensors[name] == nil && !namesInLostShards.contains(name) {
      report(
        .tensorNotInShard, name, expected: "in \(owner)",
        found: holders[name].map { "in \($0)" } ?? "in no shard",
        hint: "the index and the shards are from different checkpoints")
    }
  }

  /// What the index counts, of a checkpoint whose shards are all there.
  mutating func checkTotalSize() {
    guard let index, let total = index.contents?.totalSize, namesInLostShards.isEmpty else {
      return
    }
    let found = tensors.values.reduce(0) { $0 + $1.byteRange.count }
    guard total != found else { return }
    report(
      .indexTotalSize, index.name, expected: "\(found) bytes", found: "total_size \(total)",
      hint:
        "harmless for conversion; the index was edited or written by a tool that counts differently"
    )
  }

  /// A missing shard is an error, unless it holds nothing but a head that is tied anyway.
  mutating func checkMissingShards(_ config: HuginnConfig?) {
    let missingBytes = self.missingBytes
    for name in missingShards {
      let lost = (namesByShard[name] ?? []).map { renaming?.names[$0] ?? $0 }
      if lost == [HuginnConfig.headName], config?.tiesEmbeddings == true {
        report(
          .headShardMissing, name, hint: "nothing to do: the embedding is the head")
      } else {
        report(
          .shardMissing, name, expected: index == nil ? "a file" : "\(lost.count) tensors",
          found: foundInstead(of: name),
          hint: "the checkpoint is not fully downloaded: download this shard" + missingBytes)
      }
    }
  }

  /// What is at a missing shard's place: nothing, or a link that leads nowhere.
  private func foundInstead(of name: String) -> String {
    guard let target = try? linkTarget(location.path(of: name)) else { return "no file" }
    return "a link to \(target), which does not exist"
  }

  /// How much remains to be downloaded, if the index gives the total.
  private var missingBytes: String {
    let found = tensors.values.reduce(0) { $0 + $1.byteRange.count }
    guard let total = index?.contents?.totalSize, total > found else { return "" }
    return "; \(total - found) bytes of tensors are missing in all"
  }

  // MARK: - Reporting

  mutating func report(
    _ code: DiagnosticCode, _ subject: String, expected: String? = nil, found: String? = nil,
    hint: String
  ) {
    diagnostics.append(
      Diagnostic(code, subject: subject, expected: expected, found: found, hint: hint))
  }

  /// A fault of the object is a finding; what the system refuses is thrown.
  mutating func note(
    _ error: FileError, as code: DiagnosticCode, subject: String, hint: String
  ) throws(FileError) {
    switch error {
    case .tooLarge, .notFound: break
    default: if !error.isOfOtherKind { throw error }
    }
    report(code, subject, found: error.description, hint: hint)
  }

  /// What is there instead of a JSON file; nil if it is not one of the known mistakes.
  static func whatIsThere(_ bytes: [UInt8]) -> String? {
    if bytes.isEmpty { return "the file is empty" }
    return ForeignFormat(
      startingWith: Array(bytes.prefix(ForeignFormat.prefixByteCount)))?.description
  }
}
