import FileAccess
import HuginnModel
import Safetensors
import StrictJSON
import Tensors

/// The steps of opening a checkpoint, and what they find.
struct CheckpointOpening {
  let location: CheckpointLocation
  private(set) var index: Checkpoint.Index?
  private(set) var shards: [Checkpoint.Shard] = []
  private(set) var tensors: [String: Checkpoint.Tensor] = [:]
  private(set) var diagnostics: [Diagnostic] = []
  private(set) var configBytes: [UInt8] = []
  /// The names that the index places in each shard, sorted.
  private var namesByShard: [String: [String]] = [:]
  /// Those of the shards that are missing or malformed.
  private var namesInLostShards: Set<String> = []
  private var missingShards: [String] = []
  /// Set where the model is of another family, and its layout not worth a check.
  private var relative: Diagnostic?

  init(_ location: CheckpointLocation) {
    self.location = location
  }

  // MARK: - Index and shards

  mutating func readIndex() throws(FileError) {
    guard location.weights == .sharded else { return }
    let name = SafetensorsIndex.fileName
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try InputFile.contents(of: location.path(of: name), limit: Limits.indexByteCount)
    } catch {
      try note(error, as: .indexMalformed, subject: name, hint: "download the index again")
      return
    }
    do throws(JSONError) {
      let contents = try SafetensorsIndex(parsing: bytes)
      index = Checkpoint.Index(bytes: bytes, contents: contents)
      namesByShard = Dictionary(grouping: contents.weightMap, by: \.value)
        .mapValues { $0.map(\.key).sorted() }
    } catch {
      index = Checkpoint.Index(bytes: bytes, contents: nil)
      report(
        .indexMalformed, name, found: error.description, hint: "download the index again")
    }
  }

  mutating func openShards() throws(FileError) {
    switch location.weights {
    case .none:
      if !location.revisions.isEmpty {
        report(
          .checkpointEmpty, location.directory, expected: "refs/main, or one snapshot",
          found: "snapshots " + location.revisions.joined(separator: ", "),
          hint: "name one of the folders under snapshots")
        return
      }
      let others = location.fileNames.filter { $0.hasSuffix(".safetensors") }
      report(
        .checkpointEmpty, location.directory,
        expected: "\(SafetensorsIndex.fileName) or model.safetensors",
        found: others.isEmpty ? "neither" : others.joined(separator: ", "),
        hint: others.isEmpty
          ? "give the directory that the release was downloaded to"
          : "name the file itself, or download the index")
    case .single(let name):
      if Path.isPlainName(name) {
        try openShard(name)
      } else {
        // A pack names its source, by names that are plain everywhere.
        report(
          .shardName, name, expected: "letters, digits, '.', '_', '-'", found: name.quoted,
          hint: "rename the file")
      }
    case .sharded:
      for name in index?.contents?.shardNames ?? [] {
        if Path.isPlainName(name) {
          try openShard(name)
        } else {
          report(
            .shardName, name, expected: "letters, digits, '.', '_', '-'", found: "a path",
            hint: "do not use this index: it reaches outside the checkpoint's directory")
          loseShard(name)
        }
      }
    }
  }

  private mutating func openShard(_ name: String) throws(FileError) {
    do throws(SafetensorsError) {
      let file = try SafetensorsFile(path: location.path(of: name))
      let total = shards.reduce(file.file.byteCount) { $0 + $1.safetensors.file.byteCount }
      guard total <= Safetensors.Limits.dataByteCount else {
        loseShard(name)
        report(
          .shardMalformed, name,
          expected: "at most \(Safetensors.Limits.dataByteCount) bytes in all",
          found: "more", hint: "no model is as large: the file is sparse or damaged")
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
        let name = entry.tensor.name
        if let map {
          guard let owner = map[name] else {
            report(
              .tensorNotInIndex, name, expected: "nothing", found: "in \(shard.name)",
              hint: "index and shards are not of one checkpoint")
            continue
          }
          // What another shard owns is reported with that shard.
          if owner != shard.name { continue }
        }
        let start = shard.safetensors.dataOffset + entry.dataRange.lowerBound
        tensors[name] = Checkpoint.Tensor(
          description: entry.tensor, shard: position,
          byteRange: start..<start + entry.dataRange.count, file: shard.safetensors.file)
      }
    }
    if let map { checkOwnership(map) }
  }

  /// Every tensor of the map is in the shard that it names, and in no other.
  private mutating func checkOwnership(_ map: [String: String]) {
    var holders: [String: [String]] = [:]
    for shard in shards {
      for entry in shard.safetensors.header.entries {
        holders[entry.tensor.name, default: []].append(shard.name)
      }
    }
    for (name, owner) in map.sorted(by: { $0.key < $1.key }) {
      let found = holders[name] ?? []
      if found.count > 1 {
        report(
          .tensorDuplicate, name, expected: "in \(owner)",
          found: "in " + found.joined(separator: ", "),
          hint: "shards of several downloads are mixed: download into an empty directory")
      } else if found != [owner] && !namesInLostShards.contains(name) {
        report(
          .tensorNotInShard, name, expected: "in \(owner)",
          found: found.first.map { "in \($0)" } ?? "in no shard",
          hint: "index and shards are not of one checkpoint")
      }
    }
  }

  // MARK: - Config and layout

  /// Whether the config says that matrices are stored as the codes of compressed-tensors.
  private var namesCompressedTensors: Bool {
    guard case .object(let members)? = try? JSONValue(parsing: configBytes),
      case .object(let quantization)? = members["quantization_config"]
    else { return false }
    return quantization["quant_method"] == "compressed-tensors"
  }

  mutating func readConfig() throws(FileError) -> HuginnConfig? {
    let name = "config.json"
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try InputFile.contents(of: location.path(of: name), limit: Limits.configByteCount)
    } catch {
      switch error {
      case .notFound, .danglingLink:
        report(
          .configMissing, name, found: error.description,
          hint: "take config.json from the release and put it beside the weights")
      default:
        try note(error, as: .configMalformed, subject: name, hint: "download config.json again")
      }
      return nil
    }
    configBytes = bytes
    relative = RetrofittedRelative.diagnostic(config: bytes, names: Set(tensors.keys))
    let (config, found) = HuginnConfig.parse(bytes)
    diagnostics += found
    return config
  }

  /// What the index counts, of a checkpoint whose shards are all there.
  mutating func checkTotalSize() {
    guard let total = index?.contents?.totalSize, namesInLostShards.isEmpty else { return }
    let found = tensors.values.reduce(0) { $0 + $1.byteRange.count }
    guard total != found else { return }
    report(
      .indexTotalSize, SafetensorsIndex.fileName, expected: "\(found) bytes",
      found: "total_size \(total)",
      hint:
        "harmless for conversion; the index was edited or written by a tool that counts otherwise")
  }

  /// A missing shard is an error, unless it holds nothing but a head that is tied anyway.
  mutating func checkMissingShards(_ config: HuginnConfig?) {
    let missingBytes = self.missingBytes
    for name in missingShards {
      let lost = namesByShard[name] ?? []
      if lost == [HuginnConfig.headName], config?.tiesEmbeddings == true {
        report(
          .headShardMissing, name, hint: "nothing is to be done: the embedding is the head")
      } else {
        report(
          .shardMissing, name, expected: index == nil ? "a file" : "\(lost.count) tensors",
          found: foundInstead(of: name),
          hint: "the checkpoint is not fully downloaded: fetch this shard" + missingBytes)
      }
    }
  }

  /// What is at a missing shard's place: nothing, or a link that leads nowhere.
  private func foundInstead(of name: String) -> String {
    guard let target = try? linkTarget(location.path(of: name)) else { return "no file" }
    return "a link to \(target), which does not exist"
  }

  /// How much is to be fetched, where the index knows the whole.
  private var missingBytes: String {
    let found = tensors.values.reduce(0) { $0 + $1.byteRange.count }
    guard let total = index?.contents?.totalSize, total > found else { return "" }
    return "; \(total - found) bytes of tensors are missing in all"
  }

  mutating func checkLayout(_ config: HuginnConfig?) {
    if let relative {
      diagnostics.append(relative)
      return
    }
    if namesCompressedTensors {
      report(
        .checkpointQuantized, "quantization_config", expected: "float weights",
        found: "compressed-tensors",
        hint: "take the checkpoint or the pack that it was exported from")
      return
    }
    guard let config else { return }
    // Where the reason that no tensor was found is known, each need not be reported as missing.
    if shards.isEmpty && diagnostics.containErrors { return }
    let found = tensors.values.map(\.description).sorted { $0.name < $1.name }
    diagnostics += config.layoutDiagnostics(of: found, absenceExplained: namesInLostShards)
  }

  mutating func noteOtherFiles() {
    for download in UnfinishedDownload.around(location) {
      report(
        .downloadUnfinished, download.name, found: "\(download.byteCount) bytes so far",
        hint: "start the download again: it goes on where it stopped")
    }
    // A file that was named has nothing to do with its neighbours.
    guard location.isDirectory else { return }
    let used: Set<String>
    switch location.weights {
    case .none: return
    case .single(let name): used = [name]
    case .sharded:
      // What an index that cannot be read would name is not known.
      guard let contents = index?.contents else { return }
      used = Set(contents.shardNames)
    }
    for name in location.fileNames where name.hasSuffix(".safetensors") && !used.contains(name) {
      report(
        .fileIgnored, name, hint: "remove it if it is not wanted; the checkpoint does not name it")
    }
  }

  // MARK: - Reporting

  private mutating func report(
    _ code: DiagnosticCode, _ subject: String, expected: String? = nil, found: String? = nil,
    hint: String
  ) {
    diagnostics.append(
      Diagnostic(code, subject: subject, expected: expected, found: found, hint: hint))
  }

  /// A fault of the object is a finding; what the system refuses is thrown.
  private mutating func note(
    _ error: FileError, as code: DiagnosticCode, subject: String, hint: String
  ) throws(FileError) {
    switch error {
    case .tooLarge, .notFound: break
    default: if !error.isOfOtherKind { throw error }
    }
    report(code, subject, found: error.description, hint: hint)
  }
}
