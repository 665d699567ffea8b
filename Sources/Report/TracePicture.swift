public import Evaluation
public import Presentation
import Tensors

/// One token's trajectory as a picture: the first two directions of motion over the run.
public struct TracePicture: Sendable {
  /// The picture.
  public let drawing: Drawing

  /// A picture of a token of a trace, all models over each other.
  public init(_ trace: LatentTrace, token index: Int) {
    let token = trace.tokens[index]
    let captions = zip(trace.models, token.paths).map { name, path in
      "\(trace.models.count > 1 ? "\(name): " : "")\(path.motion.summary)"
    }
    drawing =
      TrajectoryPlot(
        title: "Token \(index) \(token.text.quoted)", captions: captions,
        xTitle: Self.axis(0, trace), yTitle: Self.axis(1, trace),
        paths: zip(trace.models, token.paths).map { name, path in
          TrajectoryPlot.Path(
            trace.models.count > 1 ? name : "",
            path.points.enumerated().map { recurrence, point in
              (recurrence + 1, point.first ?? 0, point.count > 1 ? point[1] : 0)
            })
        }
      ).drawing
  }

  private static func axis(_ component: Int, _ trace: LatentTrace) -> String {
    guard component < trace.explained.count else { return "no other component" }
    let share = Numbers.fixed(100 * trace.explained[component], digits: 1)
    return "principal component \(component + 1) (\(share) % of the motion)"
  }
}

extension Motion {
  /// The verdict with its numbers.
  fileprivate var summary: String {
    var parts = [
      kind.rawValue, "last steps \(Numbers.scientific(finalStep)) of the state",
      "decay \(Numbers.fixed(decay, digits: 3))",
      "straightness \(Numbers.fixed(straightness, digits: 2))",
    ]
    if kind == .orbiting, let period { parts.append("period \(period)") }
    return parts.joined(separator: ", ")
  }
}

extension ReportPage {
  /// How many trajectories are drawn; more would add nothing.
  private static let pictureLimit = 12

  /// How latent states move.
  func trajectories(_ trace: LatentTrace) -> HTML {
    let kinds = Motion.Kind.allCases.map { kind in
      "\(trace.tokens.count { $0.paths.first?.motion.kind == kind }) \(kind.rawValue)"
    }
    return .section(
      "Latent trajectories",
      "Each picture shows how a token's latent state moves through \(trace.recurrences) "
        + "recurrences, from the ring to the dot, in the first two principal components of the motion "
        + "of all tokens. The place where it settles is in the middle; distances far from there are "
        + "logarithmic. Of \(Numbers.count(trace.tokens.count, "token")): "
        + "\(kinds.joined(separator: ", ")).",
      [
        .gallery(
          trace.tokens.indices.prefix(Self.pictureLimit).map {
            TracePicture(trace, token: $0).drawing
          })
      ])
  }
}
