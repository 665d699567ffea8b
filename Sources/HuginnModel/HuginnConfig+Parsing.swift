import StrictJSON

extension HuginnConfig {
  /// Reads `config.json`, with the reference's defaults and both spellings of its keys.
  ///
  /// - Parameter bytes: the file, at most ``Limits/configByteCount``.
  /// - Returns: the config, or nil if the diagnostics have an error; all problems in one run.
  public static func parse(
    _ bytes: [UInt8]
  ) -> (config: HuginnConfig?, diagnostics: [Diagnostic]) {
    do throws(JSONError) {
      // Python's `json` writes numbers that JSON does not have, and null for what is not set.
      var value = try JSONValue(parsing: bytes, dialect: .python)
      if case .object(let members) = value {
        value = .object(members.filter { $0.value != .null })
      }
      return parse(try JSONObject(value))
    } catch {
      let diagnostic = Diagnostic(
        .configMalformed, subject: HuginnConfig.fileName, found: error.description,
        hint: "download config.json again")
      return (nil, [diagnostic])
    }
  }

  static func parse(
    _ document: JSONObject
  ) -> (config: HuginnConfig?, diagnostics: [Diagnostic]) {
    var parser = ConfigParser(document)
    let config = parser.parse()
    let hasError = parser.diagnostics.contains { $0.severity == .error }
    return (hasError ? nil : config, parser.diagnostics)
  }
}

/// Takes the config's members one by one and notes what is wrong with them.
private struct ConfigParser {
  fileprivate(set) var diagnostics: [Diagnostic] = []
  fileprivate var document: JSONObject

  init(_ document: JSONObject) {
    self.document = document
  }

  mutating func parse() -> HuginnConfig? {
    let embeddingSize = count("n_embd", "hidden_size")
    let headCount = count("n_heads", "num_attention_heads")
    let intermediateSize = count("intermediate_size")
    let vocabularySize = count("vocab_size")
    let layers = 0...ModelLimits.layerCount
    let prelude = count("n_layers_in_prelude", range: layers)
    let core = count("n_layers_in_recurrent_block", range: layers)
    let coda = count("n_layers_in_coda", range: layers)
    let keyValueHeadCount = countIfPresent("num_key_value_heads")
    let headSize = countIfPresent("head_dim")
    let paddedVocabularySize = countIfPresent("padded_vocab_size")
    let contextLength = countIfPresent("block_size") ?? 4096
    let meanRecurrence = countIfPresent("mean_recurrence") ?? 32
    let layerCount = countIfPresent(
      "n_layers", "num_hidden_layers", range: 0...ModelLimits.dimension)
    // Beyond, inverse frequencies or norms are no finite binary32 numbers.
    let ropeBase = numberIfPresent("rope_base", range: 1...1e30) ?? 50000
    let normEpsilon = numberIfPresent("norm_eps", range: 1e-30...1) ?? 1e-6
    let hasQKBias = booleanIfPresent("qk_bias") ?? true
    let hasBias = booleanIfPresent("bias") ?? false
    let tiesEmbeddings = booleanIfPresent("tie_embeddings", "tie_word_embeddings") ?? true
    checkClasses()
    checkRemainingKeys()
    guard let embeddingSize, let headCount, let intermediateSize, let vocabularySize, let prelude,
      let core, let coda
    else { return nil }
    let config = HuginnConfig(
      embeddingSize: embeddingSize, headCount: headCount,
      keyValueHeadCount: keyValueHeadCount ?? headCount,
      headSize: headSize ?? max(1, embeddingSize / headCount),
      intermediateSize: intermediateSize, vocabularySize: vocabularySize,
      paddedVocabularySize: paddedVocabularySize ?? vocabularySize, contextLength: contextLength,
      ropeBase: ropeBase, normEpsilon: normEpsilon, hasQKBias: hasQKBias, hasBias: hasBias,
      tiesEmbeddings: tiesEmbeddings, preludeLayerCount: prelude, coreLayerCount: core,
      codaLayerCount: coda, meanRecurrence: meanRecurrence)
    diagnostics += config.contradictions(declaredLayerCount: layerCount)
    return config
  }

  // MARK: - Members

  /// A size that has no default.
  private mutating func count(
    _ key: String, _ otherSpelling: String? = nil,
    range: ClosedRange<Int> = 1...ModelLimits.dimension
  ) -> Int? {
    let before = diagnostics.count
    if let count = countIfPresent(key, otherSpelling, range: range) { return count }
    if diagnostics.count == before {
      diagnostics.append(
        Diagnostic(
          .configKeyMissing, subject: key, expected: "an integer", found: "nothing",
          hint: "this size has no default: take config.json from the release"))
    }
    return nil
  }

  private mutating func countIfPresent(
    _ key: String, _ otherSpelling: String? = nil,
    range: ClosedRange<Int> = 1...ModelLimits.dimension
  ) -> Int? {
    member(key, otherSpelling) { document, key throws(JSONError) in
      guard let count = try document.countIfPresent(key) else { return nil }
      guard range.contains(count) else {
        throw .wrongKind(
          path: key, expected: "an integer from \(range.lowerBound) to \(range.upperBound)",
          found: String(count))
      }
      return count
    }
  }

  private mutating func numberIfPresent(_ key: String, range: ClosedRange<Double>) -> Double? {
    member(key, nil) { document, key throws(JSONError) in
      guard let number = try document.numberIfPresent(key) else { return nil }
      guard range.contains(number) else {
        throw .wrongKind(
          path: key, expected: "a number from \(range.lowerBound) to \(range.upperBound)",
          found: String(number))
      }
      return number
    }
  }

  private mutating func booleanIfPresent(_ key: String, _ otherSpelling: String? = nil) -> Bool? {
    member(key, otherSpelling) { document, key throws(JSONError) in
      try document.booleanIfPresent(key)
    }
  }

  /// A member under either spelling; where both are there they must agree.
  fileprivate mutating func member<Value: Equatable>(
    _ key: String, _ otherSpelling: String?,
    _ take: (inout JSONObject, String) throws(JSONError) -> Value?
  ) -> Value? {
    do throws(JSONError) {
      let value = try take(&document, key)
      guard let otherSpelling, let other = try take(&document, otherSpelling) else { return value }
      if let value, value != other {
        diagnostics.append(
          Diagnostic(
            .configContradiction, subject: key, expected: "\(otherSpelling) = \(other)",
            found: "\(value)", hint: "the two keys are spellings of one value: remove the wrong one"
          ))
      }
      return value ?? other
    } catch {
      diagnostics.append(
        Diagnostic(
          .configMalformed, subject: key, found: error.description,
          hint: "take config.json from the release"))
      return nil
    }
  }

  /// The parts of the architecture that the layout and the forward pass assume.
  private mutating func checkClasses() {
    let supported = [
      ("block_class_name", "SandwichBlock"), ("injection_type", "linear"),
      ("mlp_class_name", "GatedMLP"), ("nonlin_name", "SiLU"),
      ("norm_class_name", "RMSNorm_llama"),
    ]
    for (key, expected) in supported {
      let found = member(key, nil) { document, key throws(JSONError) in
        try document.stringIfPresent(key)
      }
      guard let found, found != expected else { continue }
      diagnostics.append(
        Diagnostic(
          .configUnsupported, subject: key, expected: expected, found: found,
          hint: "muninn converts only the architecture of the release"))
    }
  }
}

extension ConfigParser {
  /// Keys that the release and the reference code have besides those that are read.
  private static let otherKeys: Set<String> = [
    "_name_or_path", "activation_checkpoint_impl", "architecture_class_name", "architectures",
    "auto_map", "bos_token_id", "dtype", "effective_expected_depth", "eos_token_id",
    "init_orthogonal",
    "init_strategy", "init_values", "mean_backprop_depth", "model_type", "pad_token_id",
    "padding_multiple", "quantization", "quantization_config", "sampling_scheme", "state_init",
    "test_time_noise_type", "torch_dtype",
    "transformers_version", "use_cache",
  ]

  /// The parts of the config that are ignored here.
  fileprivate mutating func checkRemainingKeys() {
    let noise = member("test_time_noise", nil) { document, key throws(JSONError) in
      try document.numberIfPresent(key)
    }
    if let noise, noise > 0 {
      diagnostics.append(
        Diagnostic(
          .configNoise, subject: "test_time_noise", found: "\(noise)",
          hint: "set it to 0 to run the model as it was evaluated"))
    }
    for key in document.remainingKeys where !Self.otherKeys.contains(key) {
      diagnostics.append(
        Diagnostic(
          .configKeyUnknown, subject: key,
          hint: "conversion ignores it; the whole file is copied into the pack"))
    }
  }
}

extension HuginnConfig {
  /// What in the config contradicts itself, or what the reference code does not run.
  fileprivate func contradictions(declaredLayerCount: Int?) -> [Diagnostic] {
    var diagnostics: [Diagnostic] = []
    func check(
      _ holds: Bool, _ code: DiagnosticCode, _ subject: String, expected: String, found: String,
      hint: String
    ) {
      guard !holds else { return }
      diagnostics.append(
        Diagnostic(code, subject: subject, expected: expected, found: found, hint: hint))
    }
    check(
      keyValueHeadCount == headCount, .configUnsupported, "num_key_value_heads",
      expected: "n_heads = \(headCount)", found: "\(keyValueHeadCount)",
      hint: "the reference code does not run grouped-query heads; this may be a retrofitted model")
    check(
      headSize * headCount == embeddingSize, .configContradiction, "head_dim",
      expected: "n_heads × head_dim = n_embd = \(embeddingSize)",
      found: "\(headCount) × \(headSize) = \(headCount * headSize)",
      hint: "one of the three is wrong; compare with the shape of attn.qk_bias")
    check(
      headSize.isMultiple(of: 2), .configContradiction, "head_dim", expected: "an even number",
      found: "\(headSize)", hint: "rotary embedding rotates pairs of values")
    check(
      paddedVocabularySize >= vocabularySize, .configContradiction, "padded_vocab_size",
      expected: "at least vocab_size = \(vocabularySize)", found: "\(paddedVocabularySize)",
      hint: "it is the number of rows of transformer.wte.weight")
    let layerCount = preludeLayerCount + coreLayerCount + codaLayerCount
    check(
      declaredLayerCount ?? layerCount == layerCount, .configContradiction, "n_layers",
      expected: "\(preludeLayerCount) + \(coreLayerCount) + \(codaLayerCount) = \(layerCount)",
      found: "\(declaredLayerCount ?? 0)",
      hint: "it is the number of layers in the three stages, each counted once")
    let largest = max(3 * embeddingSize, 2 * intermediateSize, paddedVocabularySize)
    let widest = max(2 * embeddingSize, intermediateSize)
    check(
      largest <= ModelLimits.elementCount / widest, .configUnsupported, "n_embd",
      expected: "tensors of at most \(ModelLimits.elementCount) elements",
      found: "one of \(largest) × \(widest)", hint: "no model of this kind is that large")
    return diagnostics
  }
}
