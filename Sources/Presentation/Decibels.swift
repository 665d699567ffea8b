#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A ratio of powers in decibels.
public func decibels(_ ratio: Double) -> Double { 10 * log10(ratio) }
