public import Evaluation
import Presentation

extension Damage.AtDepth {
  /// A row of a table of damage: recurrences, perplexity of both, KL (mean, 99 %, maximum), top-1,
  /// top-5, latent error, 1 − cosine.
  public var cells: [String] {
    [
      "\(steps)", Numbers.fixed(reference.perplexity, digits: 4),
      Numbers.fixed(pack.perplexity, digits: 4), Numbers.scientific(meanDivergence),
      Numbers.scientific(percentile99Divergence), Numbers.scientific(maximumDivergence),
      Numbers.percent(top1Agreement), Numbers.percent(top5Agreement),
      latentError.map { Numbers.scientific($0) } ?? "",
      trajectoryCosine.map { Numbers.scientific(1 - $0) } ?? "",
    ]
  }
}
