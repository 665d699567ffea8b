import Foundation

/// What may stand where a file should be.
public enum OtherKind: String, CaseIterable, Sendable {
  case directory, fifo, device
  case linkToDirectory = "a link to a directory"
  case linkToFifo = "a link to a fifo"
  case linkToDevice = "a link to a device"
  case linkToNothing = "a link to nothing"
  case linkToItself = "a link to itself"

  /// Puts it in the place of whatever is there.
  public func put(at path: String) throws {
    try? FileManager.default.removeItem(atPath: path)
    switch self {
    case .directory:
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    case .fifo:
      try Self.check(mkfifo(path, 0o644))
    case .device:
      // Character device 1, 5 is /dev/zero, from which one could read for ever. Only root makes one.
      if mknod(path, S_IFCHR | 0o644, 0x105) != 0 { try Self.linkToDevice.put(at: path) }
    case .linkToDirectory: try Self.link(path, to: ".")
    case .linkToFifo: try Self.link(path, to: Self.commonFifo)
    case .linkToDevice: try Self.link(path, to: "/dev/zero")
    case .linkToNothing: try Self.link(path, to: "nothing")
    case .linkToItself: try Self.link(path, to: (path as NSString).lastPathComponent)
    }
  }

  /// A fifo that nobody writes to, for as long as the tests run.
  private static let commonFifo: String = {
    let path = NSTemporaryDirectory() + "muninn-test-fifo-\(getpid())"
    mkfifo(path, 0o644)
    atexit { unlink(OtherKind.commonFifo) }
    return path
  }()

  private static func link(_ path: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
  }

  private static func check(_ result: Int32) throws {
    if result != 0 { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
  }
}
