public import FileAccess
public import Integrity
public import Parallelism

/// Proves or disproves that every byte of a pack is the one that was written.
///
/// The directory is opened once, and each byte is read once, by positioned reads and in parallel
/// over tensors: the result is about these bytes, wherever the path leads by then, and a pack that
/// is cut while being read is an error and not a signal.
public struct PackVerification: Sendable {
  /// The manifest, where it could be read.
  public let manifest: Manifest?
  /// What is wrong, manifest first and then in file order; empty for an intact pack.
  public let faults: [PackFault]
  /// What lies beside the pack's files and was passed over, of `PackFileNames.ignored`.
  public let ignored: [String]
  /// The SHA-256 of each file that could be read, companions included, by name; none unless asked
  /// for.
  public private(set) var fileDigests: [String: Digest] = [:]

  /// Verifies the pack at `path`.
  ///
  /// - Parameters:
  ///   - path: its directory.
  ///   - workers: the threads to use.
  ///   - monitor: receives the number of bytes read.
  /// - Throws: `ReadingError` if the path does not exist, the system refuses a read, the
  ///   pack changes meanwhile, or the monitor cancels. Faults of the pack are not errors.
  public init(
    path: String, workers: Workers = Workers(), monitor: Monitor = .none
  ) throws(ReadingError) {
    let directory: OpenDirectory
    do throws(PackError) { directory = try OpenDirectory(ofPack: path) } catch {
      self = try Self.withoutManifest(error)
      return
    }
    try self.init(directory, workers: workers, monitor: monitor)
  }

  /// Verifies the pack whose directory is open.
  ///
  /// - Parameters:
  ///   - directory: the pack's.
  ///   - digestingFiles: whether all files are hashed whole as well, in the same pass.
  ///   - workers: the threads to use.
  ///   - monitor: receives the number of bytes read.
  /// - Throws: as ``init(path:workers:monitor:)``.
  public init(
    _ directory: OpenDirectory, digestingFiles: Bool = false, workers: Workers = Workers(),
    monitor: Monitor = .none
  ) throws(ReadingError) {
    let manifest: Manifest
    do throws(PackError) {
      manifest = try directory.whileUnchanged { () throws(PackError) in try directory.manifest() }
    } catch {
      self = try Self.withoutManifest(error)
      guard digestingFiles else { return }
      let files = try ReadingError.wrapping { () throws(FileError) in
        PackFiles(in: directory, names: try directory.names())
      }
      fileDigests = try files.digests(workers, monitor)
      return
    }
    try self.init(
      directory, manifest, digestingFiles: digestingFiles, workers: workers, monitor: monitor)
  }

  /// Verifies the rest of the pack at `path` against its manifest, which was read before.
  package init(
    path: String, manifest: Manifest, workers: Workers = Workers(), monitor: Monitor = .none
  ) throws(ReadingError) {
    let directory = try ReadingError.wrapping(OpenDirectory(path: path))
    try self.init(
      directory, manifest, digestingFiles: false, workers: workers, monitor: monitor)
  }

  private init(
    _ directory: OpenDirectory, _ manifest: Manifest, digestingFiles: Bool, workers: Workers,
    monitor: Monitor
  ) throws(ReadingError) {
    let names = try ReadingError.wrapping(directory.names())
    var check = PackCheck(directory, manifest, monitor)
    try check.openFiles()
    check.findUnexpectedFiles(names)
    if digestingFiles {
      fileDigests = try check.readFiles(names, workers)
    } else {
      try check.runTasks(workers)
    }
    try check.compareConfig()
    let faults = check.faults
    try ReadingError.wrapping(directory.checkUnchanged(havingFaults: !faults.isEmpty))
    self.manifest = manifest
    self.faults = faults
    ignored = PackFileNames.ignored(among: names)
  }

  private init(manifest: Manifest?, faults: [PackFault], ignored: [String]) {
    self.manifest = manifest
    self.faults = faults
    self.ignored = ignored
  }

  /// The faults of a pack without a manifest to compare with.
  private static func withoutManifest(
    _ error: PackError
  ) throws(ReadingError) -> PackVerification {
    if case .file(let error) = error, !error.isFaultOfObject { throw .file(error) }
    return PackVerification(manifest: nil, faults: [.manifest(error)], ignored: [])
  }
}
