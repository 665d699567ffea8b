public import Tensors

extension HuginnConfig {
  /// The dtypes that conversion reads.
  public static let convertedDTypes: [DType] = [.f32, .f16, .bf16]

  /// Checks the tensors of a checkpoint, wherever they come from, against the layout that the
  /// config gives.
  ///
  /// - Parameters:
  ///   - tensors: name, dtype and shape of each; names are unique.
  ///   - explained: names whose absence is a finding already, such as those of a missing shard.
  ///   - mayMixDTypes: whether matrices of several dtypes are normal and not reported.
  /// - Returns: all problems, in the order of the model and then of the list.
  public func layoutDiagnostics(
    of tensors: [TensorDescription], absenceExplained explained: Set<String> = [],
    mayMixDTypes: Bool = false
  ) -> [Diagnostic] {
    var diagnostics: [Diagnostic] = []
    var remaining = Dictionary(tensors.map { ($0.name, $0) }) { first, _ in first }
    if !mayMixDTypes { diagnostics += mixedDTypes(of: remaining) }
    let absent = self.tensors.filter {
      remaining[$0.name] == nil && !explained.contains($0.name)
    }
    let absentLayers = wholeLayers(of: absent)
    diagnostics += missing(absentLayers, present: remaining)
    let reported = Set(absentLayers)
    for expected in self.tensors {
      if let found = remaining.removeValue(forKey: expected.name) {
        diagnostics += check(found, shape: expected.shape)
      } else if !explained.contains(expected.name), !reported.contains(Layer(expected)) {
        diagnostics.append(missing(expected))
      }
    }
    if let table = remaining.removeValue(forKey: Self.rotaryTableName) {
      diagnostics += check(table, shape: rotaryTableShape)
    }
    if tiesEmbeddings, let head = remaining.removeValue(forKey: Self.headName) {
      diagnostics += check(head, shape: Shape(paddedVocabularySize, embeddingSize))
    }
    var names = NearestName(candidates: self.tensors.map(\.name))
    for tensor in tensors where remaining[tensor.name] != nil {
      diagnostics.append(unexpected(tensor, names: &names))
    }
    return diagnostics
  }

  private func check(_ tensor: TensorDescription, shape: Shape) -> [Diagnostic] {
    var diagnostics: [Diagnostic] = []
    if tensor.shape != shape {
      let isTransposed =
        shape.rank == 2 && tensor.shape.dimensions == Array(shape.dimensions.reversed())
      diagnostics.append(
        Diagnostic(
          .tensorShape, subject: tensor.name, expected: "\(shape)", found: "\(tensor.shape)",
          hint: isTransposed
            ? "it is transposed: rows are output features here, as in PyTorch"
            : tensor.name == Self.embeddingName && tensor.shape.columns == embeddingSize
              ? "padded_vocab_size in config.json should be the number of its rows"
              : "the config and the weights are from different models, or the file was changed"))
    }
    if !Self.convertedDTypes.contains(tensor.dtype) {
      let expected = Self.convertedDTypes.map(\.rawValue).joined(separator: ", ")
      diagnostics.append(
        Diagnostic(
          .tensorDType, subject: tensor.name, expected: "one of \(expected)",
          found: tensor.dtype.rawValue,
          hint: "convert from the float checkpoint, not from a quantized one"))
    }
    return diagnostics
  }

  private func missing(_ tensor: ModelTensor) -> Diagnostic {
    let (code, hint): (DiagnosticCode, String) =
      if tensor.name.hasSuffix(".attn.qk_bias") {
        (.qkBiasMissing, "set qk_bias in config.json to match the weights")
      } else if tensor.name == Self.headName {
        (.headMissing, "set tie_embeddings to true if the embedding is the head")
      } else {
        (.tensorMissing, "the checkpoint is incomplete: download it again")
      }
    return Diagnostic(
      code, subject: tensor.name, expected: "\(tensor.shape)", found: "nothing", hint: hint)
  }

  private func unexpected(
    _ tensor: TensorDescription, names: inout NearestName
  ) -> Diagnostic {
    let place = TensorPlace.of(tensor.name)
    if let stage = place.stage, let layer = place.layer, layer >= layerCount(of: stage) {
      return Diagnostic(
        .layerOutsideStage, subject: tensor.name,
        expected: "\(layerCount(of: stage)) layers in the \(stage.rawValue)",
        found: "layer number \(layer)", hint: "the config counts fewer layers than the weights have"
      )
    }
    if tensor.name.hasSuffix(".attn.qk_bias") && !hasQKBias {
      return Diagnostic(
        .qkBiasUnexpected, subject: tensor.name, expected: "nothing", found: "\(tensor.shape)",
        hint: "set qk_bias in config.json to match the weights")
    }
    let nearest = names.nearest(to: tensor.name)
    return Diagnostic(
      .tensorUnexpected, subject: tensor.name, expected: "nothing",
      found: "\(tensor.dtype.rawValue) \(tensor.shape)",
      hint: nearest.map { "the nearest name that the model has is \($0)" }
        ?? "no similar name of the model was found")
  }
}
