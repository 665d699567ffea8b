public import Kernels
import Presentation

extension ErrorSums {
  /// The signal-to-quantization-noise ratio in decibels; nil where nothing was lost, nothing was
  /// there, or a sum is not finite.
  public var signalToNoise: Double? {
    let ratio = sumSquaredSource / sumSquaredError
    return ratio.isFinite && ratio > 0 ? decibels(ratio) : nil
  }
}
