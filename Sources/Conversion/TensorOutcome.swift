public import PackFormat
public import Quantization

/// What converting one tensor gave.
public struct TensorOutcome: Sendable {
  /// The tensor and its place.
  public let layout: TensorLayout
  /// What encoding did to it.
  public let statistics: EncodingStatistics
  let record: Manifest.TensorRecord
}
