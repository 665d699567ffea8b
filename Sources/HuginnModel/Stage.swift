/// The four parts of Huginn that a pack keeps apart, in the order of the forward pass.
public enum Stage: String, CaseIterable, Sendable {
  /// The token embedding, which is also the tied output head.
  case embedding
  /// The layers that embed the input into the latent space.
  case prelude
  /// The adapter and the layers that are iterated.
  case core
  /// The layers that decode the latent state, the final norm, and an untied head.
  case coda

  /// What precedes a layer's number in a tensor's name; nil if the stage has no layers.
  public var layerPrefix: String? {
    switch self {
    case .embedding: nil
    case .prelude: "transformer.prelude."
    case .core: "transformer.core_block."
    case .coda: "transformer.coda."
    }
  }
}
