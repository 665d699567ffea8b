public import FileAccess
import HuginnModel
import Integrity
import StrictJSON

/// The files beside the weights, which are read whole and held against the manifest each time.
extension PackReader {
  /// Reads a small sidecar.
  ///
  /// - Returns: its bytes; nil if the manifest lists none of this name.
  /// - Throws: ``PackError``, also if it is not as it was copied.
  public func sidecar(_ name: String, limit: Int) throws(PackError) -> [UInt8]? {
    guard let sidecar = manifest.sidecars.first(where: { $0.name == name }) else { return nil }
    let bytes = try PackError.wrapping(directory.contents(of: name, limit: limit))
    try check(sidecar, byteCount: bytes.count, Digest(of: bytes.span.rawBytes))
    return bytes
  }

  /// Reads a sidecar from its first to its last byte.
  ///
  /// - Parameters:
  ///   - sidecar: of the manifest.
  ///   - body: given each run of bytes and where it begins.
  /// - Throws: ``PackError``, also if it is not as it was copied: what `body` was given is then to
  ///   be dropped.
  public func read(
    _ sidecar: Manifest.File,
    _ body: (_ bytes: RawSpan, _ byteOffset: Int) throws(FileError) -> Void = { _, _ in }
  ) throws(PackError) {
    var hasher = SHA256Hasher()
    let byteCount = try PackError.wrapping { () throws(FileError) in
      let file = try directory.file(sidecar.name)
      try file.forEachRun(in: 0..<file.byteCount) { bytes, offset throws(FileError) in
        hasher.update(bytes)
        try body(bytes, offset)
        return true
      }
      return file.byteCount
    }
    try check(sidecar, byteCount: byteCount, hasher.finalized())
  }

  /// Checks that the sidecars are those that were copied, and no others.
  ///
  /// - Returns: the bytes of the config; nil where there is none, or one beyond its limit.
  func checkedSidecars() throws(PackError) -> [UInt8]? {
    // What has a sidecar's name would be read as one.
    let listed = Set(manifest.sidecars.map(\.name))
    let names = try PackError.wrapping(directory.names())
    if let name = names.first(where: { PackFileNames.isSidecar($0) && !listed.contains($0) }) {
      throw .faulty(path: directory.path, .unexpectedFile(name: name))
    }
    var config: [UInt8]?
    for sidecar in manifest.sidecars {
      if sidecar.name == HuginnConfig.fileName, sidecar.byteCount <= ModelLimits.configByteCount {
        config = try self.sidecar(sidecar.name, limit: ModelLimits.configByteCount)
      } else {
        try read(sidecar)
      }
    }
    if let fault = config.flatMap(manifest.contradiction(with:)) {
      throw .faulty(path: directory.path, fault)
    }
    return config
  }

  private func check(
    _ sidecar: Manifest.File, byteCount: Int, _ digest: Digest
  ) throws(PackError) {
    let fault =
      PackFault(ofFile: sidecar.name, byteCount: sidecar.byteCount, found: byteCount)
      ?? PackFault(ofFile: sidecar.name, expected: sidecar.sha256, found: digest)
    if let fault { throw .faulty(path: directory.path, fault) }
  }
}

extension Manifest {
  /// What the copied config in a pack's directory says otherwise of the model; nil if it says the
  /// same, or is not the file that was copied.
  ///
  /// Nobody but the digests ties the two, and whoever can replace the config can replace its digest.
  ///
  /// - Throws: `FileError` if it cannot be read.
  package func contradiction(in directory: OpenDirectory) throws(FileError) -> PackFault? {
    let name = HuginnConfig.fileName
    guard let sidecar = sidecars.first(where: { $0.name == name }),
      sidecar.byteCount <= ModelLimits.configByteCount
    else { return nil }
    let file = try directory.file(name)
    guard file.byteCount == sidecar.byteCount else { return nil }
    let bytes = try file.contents(limit: ModelLimits.configByteCount)
    return Digest(of: bytes.span.rawBytes) == sidecar.sha256 ? contradiction(with: bytes) : nil
  }

  /// What the bytes of a config say otherwise of the model; nil where they say the same.
  func contradiction(with bytes: [UInt8]) -> PackFault? {
    let (found, diagnostics) = HuginnConfig.parse(bytes)
    guard let found else {
      let error = diagnostics.first { $0.severity == .error }
      return .invalidConfig(
        reason: error.map { "\($0.subject) \($0.code.meaning)" } ?? "it cannot be read")
    }
    return found.model.firstDifference(from: config.model).map {
      .config(member: $0.path, found: $0.found, expected: $0.expected)
    }
  }
}
