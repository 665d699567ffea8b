/// Names that lead elsewhere, end early, break a line, or are too long.
public enum HostileName {
  /// All of them.
  ///
  /// Nothing that a machine has is among the absolute ones: tests run as root, too.
  public static let all = [
    "..", ".", "../x", "a/b", "/nonexistent/muninn", "a\0b", "a\nb", "a\r\u{1B}[2Jb",
    String(repeating: "x", count: 10_000),
  ]
}
