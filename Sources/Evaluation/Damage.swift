import CMuninnMath

/// What a candidate does to a model, measured against the reference on the same text.
public struct Damage: Equatable, Sendable {
  /// How well a model predicts a text.
  public struct Likelihood: Equatable, Sendable {
    /// The mean negative log-likelihood, in nats per predicted token.
    public let nll: Double
    /// Its exponential.
    public var perplexity: Double { exp(nll) }

    /// A likelihood.
    public init(nll: Double) { self.nll = nll }
  }

  /// After one number of recurrences.
  public struct AtDepth: Equatable, Sendable {
    /// The recurrences.
    public let steps: Int
    /// How well the reference predicts.
    public let reference: Likelihood
    /// How well the candidate does.
    public let pack: Likelihood
    /// KL(reference ‖ candidate) over the predictions, in nats: the mean.
    public let meanDivergence: Double
    /// Its 99th percentile.
    public let percentile99Divergence: Double
    /// Its maximum.
    public let maximumDivergence: Double
    /// The share of predictions with the same most probable token.
    public let top1Agreement: Double
    /// The share of the reference's five most probable tokens that are among the candidate's.
    public let top5Agreement: Double
    /// The mean of ‖x′ − x‖ / ‖x‖ over latent states; nil before the first recurrence.
    public let latentError: Double?
    /// The mean cosine between them.
    public let trajectoryCosine: Double?
  }

  /// After one recurrence.
  public struct Latent: Equatable, Sendable {
    /// From 1.
    public let recurrence: Int
    /// The mean of ‖x′ − x‖ / ‖x‖ over latent states.
    public let error: Double
    /// The mean cosine between them.
    public let cosine: Double
    /// The mean of ‖xₖ − xₖ₋₁‖ / ‖xₖ‖ of the reference.
    public let movement: Double
  }

  /// By number of recurrences, ascending.
  public let byRecurrence: [AtDepth]
  /// After each recurrence.
  public let latents: [Latent]

  /// A damage from its parts.
  public init(byRecurrence: [AtDepth], latents: [Latent]) {
    self.byRecurrence = byRecurrence
    self.latents = latents
  }

  /// The depth at which the mean divergence is largest, where it is not within a limit.
  public func worst(above limit: Double) -> AtDepth? {
    byRecurrence.filter { !($0.meanDivergence <= limit) }
      .max { $0.meanDivergence < $1.meanDivergence }
  }

  init(_ sums: TextSums.Candidate) {
    let latents = sums.latents.enumerated().map { index, sums in
      let count = Double(max(1, sums.count))
      return Latent(
        recurrence: index + 1, error: sums.error / count, cosine: sums.cosine / count,
        movement: sums.movement / count)
    }
    self.latents = latents
    byRecurrence = sums.bySteps.map { depth in
      let (steps, sums) = (depth.steps, depth.sums)
      let count = Double(max(1, sums.count))
      let latent = steps > 0 ? latents[steps - 1] : nil
      return AtDepth(
        steps: steps, reference: Likelihood(nll: sums.referenceNLL / count),
        pack: Likelihood(nll: sums.candidateNLL / count),
        meanDivergence: sums.divergence / count,
        percentile99Divergence: sums.divergences.percentile99,
        maximumDivergence: sums.divergences.maximum,
        top1Agreement: Double(sums.topAgreements) / count,
        top5Agreement: sums.topFiveShares / count,
        latentError: latent?.error, trajectoryCosine: latent?.cosine)
    }
  }
}
