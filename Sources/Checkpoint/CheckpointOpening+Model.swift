import FileAccess
import HuginnModel
import Safetensors
import StrictJSON
import Tensors

/// The steps of opening that know the model: config, names, layout.
extension CheckpointOpening {
  mutating func readConfig() throws(FileError) -> HuginnConfig? {
    let name = HuginnConfig.fileName
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try InputFile.contents(
        of: location.path(of: name), limit: ModelLimits.configByteCount)
    } catch {
      switch error {
      case .notFound, .danglingLink:
        // Weights that are not there need no config.
        if location.weights == .none && diagnostics.containErrors { return nil }
        report(
          .configMissing, name, found: error.description,
          hint: "take config.json from the release and put it beside the weights")
      default:
        try note(error, as: .configMalformed, subject: name, hint: "download config.json again")
      }
      return nil
    }
    configBytes = bytes
    if let found = Self.whatIsThere(bytes) {
      report(.configMalformed, name, found: found, hint: "download config.json again")
      return nil
    }
    let (config, found) = HuginnConfig.parse(bytes)
    diagnostics += found
    return config
  }

  // MARK: - Names

  /// Gives every tensor the model's name, where a wrapper saved it under another.
  mutating func nameTensors(_ config: HuginnConfig?) {
    let stored = Set(tensors.keys).union(unlisted.map(\.description.name)).union(namesInLostShards)
    relative = RetrofittedRelative.diagnostic(config: configBytes, names: stored)
    if let sample = stored.filter({ $0.contains(".lora_") }).min() {
      relative = adapter(found: "tensors such as \(sample)")
      return
    }
    if let config { takeAlias(of: config) }
    guard relative == nil, let renaming = config?.renaming(of: stored) else { return }
    guard renaming.isTotal else {
      relative = unknownNames(renaming, of: stored.count)
      return
    }
    self.renaming = renaming
    report(
      .namesRenamed, renaming.parts.joined(separator: ", "),
      expected: "names such as \(HuginnConfig.embeddingName)",
      found: renaming.names.first { $0.value == HuginnConfig.embeddingName }?.key,
      hint:
        "a wrapper saved them; each name matches one tensor of the model and is read as that tensor"
    )
    tensors = Dictionary(
      uniqueKeysWithValues: tensors.map { name, tensor in
        let name = renaming.names[name] ?? name
        return (name, tensor.named(name))
      })
    copies = copies.map { $0.named(renaming.names[$0.description.name] ?? $0.description.name) }
  }

  /// Of tensors that share memory some writers keep one, and a head may be what is left of a tied
  /// pair (`save_model` of the safetensors package; transformers 5 loads it as the embedding).
  private mutating func takeAlias(of config: HuginnConfig) {
    let (embedding, head) = (HuginnConfig.embeddingName, HuginnConfig.headName)
    guard config.tiesEmbeddings, tensors[embedding] == nil, !namesInLostShards.contains(embedding),
      let tensor = tensors.removeValue(forKey: head)
    else { return }
    tensors[embedding] = tensor.named(embedding)
    aliases[head] = embedding
  }

  /// The names of shards that could not be read, as the model has them.
  private var lostNames: Set<String> {
    Set(namesInLostShards.map { renaming?.names[$0] ?? $0 })
  }

  private func unknownNames(_ renaming: TensorRenaming, of count: Int) -> Diagnostic {
    var found = "\(renaming.names.count) of \(count) names stand for the model's"
    if !renaming.parts.isEmpty {
      found += ", without " + renaming.parts.map(\.quoted).abbreviated(to: 4)
    }
    if !renaming.unmapped.isEmpty { found += "; not " + renaming.unmapped.abbreviated(to: 4) }
    if !renaming.missing.isEmpty { found += "; nothing for " + renaming.missing.abbreviated(to: 4) }
    return Diagnostic(
      .namesUnknown, subject: location.directory,
      expected: "a name for each of the model's tensors, and no other", found: found,
      hint:
        "these are the weights of another model, or only a part of one; if a wrapper saved them, "
        + "save the state_dict() of the module inside")
  }

  /// A shard may hold more than its index names: a tied head, the rotary table.
  mutating func takeUnlisted(_ config: HuginnConfig?) {
    var strangers: [String] = []
    for tensor in unlisted {
      let name = renaming?.names[tensor.description.name] ?? tensor.description.name
      let isImplied =
        name == HuginnConfig.rotaryTableName
        || (name == HuginnConfig.headName && config?.tiesEmbeddings == true)
      let shard = shards[tensor.shard].name
      guard isImplied, tensors[name] == nil else {
        strangers.append(name)
        if strangers.count <= 8 {
          report(
            .tensorNotInIndex, name, expected: "nothing", found: "in \(shard)",
            hint: "the index and the shards are from different checkpoints")
        }
        continue
      }
      tensors[name] = tensor.named(name)
      report(
        .tensorUnlisted, name, found: "in \(shard)",
        hint: "nothing to do: it follows from other tensors, and is compared with them")
    }
    if strangers.count > 8 {
      report(
        .tensorNotInIndex, Array(strangers.dropFirst(8)).abbreviated(to: 4), expected: "nothing",
        found: "\(strangers.count) in all",
        hint: "the index and the shards are from different checkpoints")
    }
  }

  // MARK: - Layout

  mutating func checkLayout(_ config: HuginnConfig?) {
    if let relative {
      diagnostics.append(relative)
      return
    }
    let scheme = QuantizationScheme(
      config: configBytes, tensors: tensors.mapValues(\.description), layout: config)
    if let finding = scheme.finding { diagnostics.append(finding) }
    quantization = scheme.isStored ? scheme.name : nil
    guard quantization == nil, let config else { return }
    // Where the reason that no tensor was found is known, each need not be reported as missing.
    if shards.isEmpty && diagnostics.containErrors { return }
    let found = tensors.values.map(\.description).sorted { $0.name < $1.name }
    // What a shard holds that no index describes is not known.
    let explained =
      index == nil && !missingShards.isEmpty ? Set(config.tensors.map(\.name)) : lostNames
    diagnostics += config.layoutDiagnostics(of: found, absenceExplained: explained)
  }

  // MARK: - Other files

  mutating func noteOtherFiles() {
    for download in UnfinishedDownload.around(location) {
      report(
        .downloadUnfinished, download.name, found: "\(download.byteCount) bytes so far",
        hint: "start the download again")
    }
    // A file that was named has nothing to do with its neighbours.
    guard location.isDirectory else { return noteSiblings() }
    let used: Set<String>
    switch location.weights {
    case .none: return
    case .single(let name): used = [name]
    case .counted(let names): used = Set(names)
    case .sharded:
      // What an index that cannot be read would name is not known.
      guard let contents = index?.contents else { return }
      used = Set(contents.shardNames)
    }
    for name in location.fileNames where name.hasSuffix(".safetensors") && !used.contains(name) {
      let variant = WeightName(name)?.variant
      report(
        .fileIgnored, name,
        hint: variant.map { "it is of variant \($0.quoted)" }
          ?? "remove it if you do not need it; nothing in the checkpoint refers to it")
    }
  }

  /// One shard that was named has a part of the tensors only.
  private mutating func noteSiblings() {
    guard case .single(let name) = location.weights,
      case .shard(let number, let count)? = WeightName(name)?.kind, count > 1
    else { return }
    relative = Diagnostic(
      .shardAlone, subject: name, expected: "all shards", found: "number \(number) of \(count)",
      hint: "give the directory that has them: \(location.directory)")
  }

  mutating func reportNoWeights() {
    let folder = location.directory
    func finding(_ found: String, hint: String) -> Diagnostic {
      Diagnostic(
        .checkpointEmpty, subject: folder,
        expected: "\(SafetensorsIndex.fileName) or model.safetensors", found: found, hint: hint)
    }
    let names = location.fileNames
    let others = names.filter { $0.hasSuffix(".safetensors") }
    if names.contains("refs"), Path.name(of: folder).hasPrefix("models--"),
      !names.contains("snapshots")
    {
      diagnostics.append(
        finding(
          "refs, but no snapshot",
          hint: "the files were downloaded elsewhere, as with local_dir: give that directory"))
    } else if !location.revisions.isEmpty {
      report(
        .checkpointEmpty, folder, expected: "refs/main, or one snapshot",
        found: "snapshots " + location.revisions.joined(separator: ", "),
        hint: "name one of the folders under snapshots")
    } else if location.wantedVariant != nil || !location.variants.isEmpty {
      report(
        .variantUndecided, folder,
        expected: location.wantedVariant.map { "weights of variant \($0)" }
          ?? "plain weights, or one variant",
        found: location.variants.isEmpty
          ? "no variant" : "variants " + location.variants.joined(separator: ", "),
        hint: "choose one, or give the path of its file or index")
    } else if names.contains("adapter_config.json") || names.contains("adapter_model.safetensors") {
      diagnostics.append(adapter(found: "adapter_config.json or adapter_model.safetensors"))
    } else if !others.isEmpty {
      diagnostics.append(
        finding(
          others.abbreviated(to: 4),
          hint: others.count == 1
            ? "name the file itself" : "name the file itself, or fetch the index"))
    } else if !HubCache.models(among: names).isEmpty {
      diagnostics.append(
        finding(
          "a hub's cache of " + HubCache.models(among: names).abbreviated(to: 4),
          hint: "give the folder of one model in it"))
    } else if let sub = folderWithWeights {
      diagnostics.append(
        finding(
          "weights in the folder \(sub.quoted)", hint: "give \(Path.join(folder, sub).quoted)"))
    } else if let file = names.first(where: { $0.hasSuffix(".gguf") }) {
      diagnostics.append(finding(file, hint: "give the path of the GGUF file itself"))
    } else if let file = names.first(where: {
      $0 == "pytorch_model.bin" || $0 == "pytorch_model.bin.index.json" || $0.hasSuffix(".pt")
        || $0.hasSuffix(".pth")
    }) {
      diagnostics.append(
        finding(
          "\(file), a pickle",
          hint:
            "load it where you trust it and save it as safetensors; muninn does not read pickles"))
    } else {
      diagnostics.append(
        finding("neither", hint: "give the directory that the release was downloaded to"))
    }
  }

  private func adapter(found: String) -> Diagnostic {
    let bytes = try? InputFile.contents(
      of: location.path(of: "adapter_config.json"), limit: ModelLimits.configByteCount)
    var base = "its base model"
    if let bytes, case .object(let config)? = try? JSONValue(parsing: bytes, dialect: .python),
      case .string(let name)? = config["base_model_name_or_path"]
    {
      base = "its base model \(name.quoted)"
    }
    return Diagnostic(
      .checkpointAdapter, subject: location.directory, expected: "the weights of a model",
      found: found,
      hint: "merge it into \(base) (peft: merge_and_unload) and give the result")
  }

  /// The first folder in the directory that has weights.
  private var folderWithWeights: String? {
    location.fileNames.prefix(1000).first { name in
      let path = location.path(of: name)
      guard (try? FileStatus(ofPath: path).kind) == .directory,
        let inner = try? directoryContents(path)
      else { return false }
      return inner.contains { WeightName($0) != nil }
    }
  }
}

extension Checkpoint.Tensor {
  /// The same under another name.
  fileprivate func named(_ name: String) -> Checkpoint.Tensor {
    Checkpoint.Tensor(
      description: TensorDescription(
        name: name, dtype: description.dtype, shape: description.shape),
      shard: shard, byteRange: byteRange, file: file)
  }
}
