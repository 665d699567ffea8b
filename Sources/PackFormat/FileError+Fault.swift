package import FileAccess

extension FileError {
  /// Whether this is wrong with a pack, as against the system that should read it.
  package var isFaultOfObject: Bool {
    switch self {
    case .tooLarge, .ended: true
    default: isOfOtherKind
    }
  }
}
