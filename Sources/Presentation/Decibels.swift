import CMuninnMath

/// A ratio of powers in decibels.
public func decibels(_ ratio: Double) -> Double { 10 * log10(ratio) }
