import Evaluation
import Presentation

extension ReportPage {
  /// What was measured.
  var evaluationSections: [HTML] {
    guard let evaluation else { return [] }
    var sections: [HTML] = []
    if let damage = evaluation.damage { sections.append(section(damage, evaluation.predictions)) }
    if let ablation = evaluation.ablation { sections.append(section(ablation)) }
    if let exit = evaluation.exit { sections.append(section(exit)) }
    if !evaluation.questions.isEmpty { sections.append(section(evaluation.questions)) }
    return sections
  }

  private func section(_ damage: Damage, _ predictions: Int) -> HTML {
    let depths = damage.byRecurrence
    func series(_ name: String, _ value: (Damage.AtDepth) -> Double) -> LineChart.Series {
      LineChart.Series(name, depths.map { (Double($0.steps), value($0)) })
    }
    let divergence = LineChart(
      title: "KL(reference ‖ pack)", x: Axis("recurrences", scale: .log2),
      y: Axis("nats", scale: .log10),
      series: [
        series("maximum", \.maximumDivergence), series("99 %", \.percentile99Divergence),
        series("mean", \.meanDivergence),
      ])
    let latents = LineChart(
      title: "Latent state", x: Axis("recurrence", scale: .log2),
      y: Axis("relative to ‖x‖", scale: .log10),
      series: [
        LineChart.Series(
          "error of the pack", damage.latents.map { (Double($0.recurrence), $0.error) }),
        LineChart.Series(
          "step of the reference", damage.latents.map { (Double($0.recurrence), $0.movement) }),
      ])
    return .section(
      "Damage by recurrence",
      "Measured over \(Numbers.grouped(predictions)) predictions of the same text. The core is "
        + "applied again and again with the same rounded weights. As long as the reference's own steps "
        + "shrink, the core contracts, and the error of the pack settles instead of growing.",
      [
        .row([
          .figure(divergence.drawing),
          .figure(latents.drawing),
          .table(
            "By number of recurrences",
            [
              "r|", "perplexity|", "pack's|", "KL mean|", "99 %|", "maximum|", "top-1|", "top-5|",
              "latent error|", "1 − cosine|",
            ], depths.map(\.cells)),
        ])
      ])
  }

  private func section(_ ablation: EvaluationRecord.AblationRecord) -> HTML {
    let depths = ablation.parts.first?.damage.byRecurrence.map(\.steps) ?? []
    let chart = BarChart(
      title: "Mean KL with one \(ablation.by.rawValue) quantized",
      categories: ablation.parts.map(\.name), value: Axis("nats", including: 0...0),
      series: depths.enumerated().filter { $0.offset == 0 || $0.offset == depths.count - 1 }.map {
        place, steps in
        BarChart.Series("r = \(steps)", ablation.parts.map { Self.divergence($0, place) })
      })
    let rows = ablation.parts.map { part in
      [part.name, Numbers.grouped(part.parameterCount)]
        + depths.indices.map { Self.divergence(part, $0).map { Numbers.scientific($0) } ?? "" }
        + [part.damage.latents.last.map { Numbers.scientific($0.error) } ?? ""]
    }
    return .section(
      "Where the damage comes from",
      "One \(ablation.by.rawValue) at a time comes from the pack and all else from the reference, "
        + "over \(Numbers.grouped(ablation.predictions)) predictions. More bits help most where the "
        + "divergence is largest.",
      [
        .row([
          .figure(chart.drawing),
          .table(
            "Mean KL in nats",
            [ablation.by.rawValue, "parameters|"] + depths.map { "r = \($0)|" } + ["latent error|"],
            rows),
        ])
      ])
  }

  private static func divergence(_ part: EvaluationRecord.Part, _ place: Int) -> Double? {
    let depths = part.damage.byRecurrence
    return place < depths.count ? depths[place].meanDivergence : nil
  }

  private func section(_ exit: EvaluationRecord.ExitRecord) -> HTML {
    let shift = exit.shift
    let tallies = [("reference", shift.reference), ("pack", shift.pack)]
    let limit = max(shift.reference.distribution.count, shift.pack.distribution.count)
    let chart = BarChart(
      title: "Tokens by recurrences taken", categories: (0..<limit).map { "\($0 + 1)" },
      categoryTitle: "recurrences", value: Axis("tokens", including: 0...0),
      series: tallies.map { name, tally in
        BarChart.Series(name, tally.distribution.map { Double($0) })
      })
    let same = Double(shift.same) / Double(max(1, shift.reference.count))
    return .section(
      "Adaptive exit",
      "With the criterion \(exit.criterion), \(Numbers.percent(same)) of tokens exit at the same "
        + "recurrence; the pack takes \(Numbers.fixed(100 * shift.addedWork.magnitude, digits: 2))"
        + " % \(shift.addedWork < 0 ? "fewer" : "more") recurrences.",
      [
        .row([
          .figure(chart.drawing),
          .table(
            "With this exit", ["model", "tokens|", "mean recurrences|", "perplexity|"],
            tallies.map { name, tally in
              [
                name, Numbers.grouped(tally.count), Numbers.fixed(tally.meanSteps, digits: 3),
                Numbers.fixed(tally.likelihood.perplexity, digits: 4),
              ]
            }),
        ])
      ])
  }

  private func section(_ questions: [QuestionDamage]) -> HTML {
    func cells(_ accuracy: Accuracy) -> [String] {
      let bounds = accuracy.interval
      return [
        Numbers.percent(accuracy.share),
        "\(Numbers.fixed(100 * bounds.lowerBound, digits: 1))–"
          + Numbers.fixed(100 * bounds.upperBound, digits: 1),
      ]
    }
    let rows = questions.map { depth in
      ["\(depth.steps)", "\(depth.reference.total)"] + cells(depth.reference) + cells(depth.pack)
        + [Numbers.percent(depth.agreement), "\(depth.gained)", "\(depth.lost)"]
    }
    return .section(
      "Answers",
      "Questions answered by greedy decoding, with 95 % confidence intervals. Gained counts those "
        + "that only the pack answers correctly, lost those that only the reference does.",
      [
        .table(
          "By number of recurrences",
          [
            "r|", "questions|", "reference correct|", "95 %|", "pack correct|", "95 %|",
            "same answer|", "gained|", "lost|",
          ], rows)
      ])
  }
}
