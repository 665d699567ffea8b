public import FileAccess
import HuginnModel
import Integrity
public import Parallelism
import Quantization
import Synchronization

/// Proves, or disproves, that every byte of a pack is as it was written.
///
/// Each byte is read once, by positioned reads and in parallel over tensors, so a pack that is cut
/// while being read is an error and not a signal.
public struct PackVerification: Sendable {
  /// The manifest, where it could be read.
  public let manifest: Manifest?
  /// What is wrong, manifest first and then in file order; empty for an intact pack.
  public let faults: [PackFault]
  /// What lies beside the pack's files and was passed over, of `PackFileNames.ignored`.
  public let ignored: [String]

  /// Verifies the pack at `path`.
  ///
  /// - Parameters:
  ///   - path: its directory.
  ///   - workers: the threads to use.
  ///   - monitor: told of the bytes read.
  /// - Throws: ``VerificationError`` where the path does not exist, the system refuses a read, or
  ///   the monitor cancels. Faults of the pack are no errors.
  public init(
    path: String, workers: Workers = Workers(), monitor: Monitor = .none
  ) throws(VerificationError) {
    let manifest: Manifest
    do throws(PackError) {
      manifest = try Pack.readManifest(ofPack: path)
    } catch {
      if case .file(let error) = error, !error.isFaultOfObject { throw .file(error) }
      self.init(manifest: nil, faults: [.manifest(error)], ignored: [])
      return
    }
    try self.init(path: path, manifest: manifest, workers: workers, monitor: monitor)
  }

  /// Verifies the rest of the pack at `path` against its manifest, which was read before.
  package init(
    path: String, manifest: Manifest, workers: Workers = Workers(), monitor: Monitor = .none
  ) throws(VerificationError) {
    let names: [String]
    do throws(FileError) { names = try directoryContents(path) } catch { throw .file(error) }
    var check = PackCheck(path: path, manifest: manifest, monitor: monitor)
    try check.openFiles()
    check.findUnexpectedFiles(names)
    try check.runTasks(workers)
    self.init(
      manifest: manifest, faults: check.faults,
      ignored: PackFileNames.ignored(among: names))
  }

  private init(manifest: Manifest?, faults: [PackFault], ignored: [String]) {
    self.manifest = manifest
    self.faults = faults
    self.ignored = ignored
  }
}

/// Why a verification could not be carried out.
public enum VerificationError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The system refused.
  case file(FileError)
  /// The caller asked to stop.
  case cancelled

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .file(let error): error.description
    case .cancelled: "interrupted"
    }
  }
}

/// The steps of a verification, and what they find.
private struct PackCheck {
  let path: String
  let manifest: Manifest
  let monitor: Monitor
  private(set) var faults: [PackFault] = []
  private var files: [String: InputFile] = [:]

  init(path: String, manifest: Manifest, monitor: Monitor) {
    self.path = path
    self.manifest = manifest
    self.monitor = monitor
  }

  /// Opens every file that the manifest names, and notes those that are not as long as it says.
  mutating func openFiles() throws(VerificationError) {
    let segments = manifest.layout.segments.map { ($0.fileName, $0.byteCount) }
    for (name, expected) in segments + manifest.sidecars.map({ ($0.name, $0.byteCount) }) {
      do throws(FileError) {
        let file = try InputFile(path: Path.join(path, name))
        if file.byteCount == expected {
          files[name] = file
        } else {
          faults.append(.length(name: name, expected: expected, found: file.byteCount))
        }
      } catch {
        guard error.isFaultOfObject || error.isNotFound else { throw .file(error) }
        faults.append(.unreadable(name: name, reason: error.description))
      }
    }
  }

  mutating func findUnexpectedFiles(_ names: [String]) {
    let expected = Set(
      [PackConstants.manifestName] + PackFileNames.segments + manifest.sidecars.map(\.name))
    for name in names
    where !expected.contains(name) && !PackFileNames.companions.contains(name)
      && !PackFileNames.ignored.contains(name)
    {
      faults.append(.unexpectedFile(name: name))
    }
  }

  // MARK: - Content

  /// A piece of work over bytes that no other piece reads.
  private enum Task {
    case header(SegmentLayout, InputFile)
    case gaps(SegmentLayout, InputFile)
    case tensor(TensorLayout, Manifest.TensorRecord, InputFile)
    case sidecar(Manifest.File, InputFile)

    /// About how many bytes it reads.
    var byteCount: Int {
      switch self {
      case .header, .gaps: SegmentHeader.byteCount
      case .tensor(let layout, _, _): layout.planes.reduce(0) { $0 + $1.plane.byteCount }
      case .sidecar(let file, _): file.byteCount
      }
    }
  }

  mutating func runTasks(_ workers: Workers) throws(VerificationError) {
    let tasks = self.tasks()
    // The largest first, so that no thread is left with one at the end.
    let order = tasks.indices.sorted { tasks[$0].byteCount > tasks[$1].byteCount }
    let found = Mutex<[(task: Int, fault: PackFault)]>([])
    let check = self
    try workers.run(tasks.count) { position throws(VerificationError) in
      let index = order[position]
      do throws(FileError) {
        if let fault = try check.run(tasks[index]) {
          found.withLock { $0.append((index, fault)) }
        }
      } catch {
        throw .file(error)
      }
      if check.monitor.isCancelled { throw .cancelled }
    }
    faults += found.withLock { $0 }.sorted { $0.task < $1.task }.map(\.fault)
  }

  private func tasks() -> [Task] {
    var tasks: [Task] = []
    var records = manifest.tensors[...]
    for segment in manifest.layout.segments {
      let own = zip(segment.tensors, records.prefix(segment.tensors.count))
      records = records.dropFirst(segment.tensors.count)
      guard let file = files[segment.fileName] else { continue }
      tasks.append(.header(segment, file))
      tasks += own.map { .tensor($0, $1, file) }
      tasks.append(.gaps(segment, file))
    }
    for sidecar in manifest.sidecars {
      if let file = files[sidecar.name] { tasks.append(.sidecar(sidecar, file)) }
    }
    return tasks
  }

  private func run(_ task: Task) throws(FileError) -> PackFault? {
    switch task {
    case .header(let segment, let file):
      let page = try file.read(at: 0, count: SegmentHeader.byteCount)
      monitor.advance(by: page.count)
      let header = SegmentHeader(
        stage: segment.stage, fileLength: segment.byteCount, identity: manifest.identity)
      do throws(SegmentHeaderError) {
        try header.check(page.span.rawBytes)
        return nil
      } catch {
        return .header(segment.stage, error)
      }
    case .gaps(let segment, let file):
      // At most 16383 bytes each.
      for gap in segment.gaps {
        let bytes = try file.read(at: gap.lowerBound, count: gap.count)
        monitor.advance(by: bytes.count)
        if let index = bytes.firstIndex(where: { $0 != 0 }) {
          return .padding(
            segment.stage, byteOffset: gap.lowerBound + index, found: bytes[index])
        }
      }
      return nil
    case .tensor(let layout, let record, let file):
      guard let found = try digest(of: file, ranges: layout.planes.map(\.byteRange)),
        found != record.sha256
      else { return nil }
      let tensor = layout.tensor
      return .tensor(
        name: tensor.name, stage: tensor.stage, layer: tensor.layer, expected: record.sha256,
        found: found)
    case .sidecar(let sidecar, let file):
      guard let found = try digest(of: file, ranges: [0..<file.byteCount]),
        found != sidecar.sha256
      else { return nil }
      return .sidecar(name: sidecar.name, expected: sidecar.sha256, found: found)
    }
  }

  /// The digest of several ranges as one sequence of bytes; nil where the monitor cancels.
  private func digest(
    of file: InputFile, ranges: [Range<Int>]
  ) throws(FileError) -> Digest? {
    try Digest(of: file, ranges: ranges) { count in
      monitor.advance(by: count)
      return !monitor.isCancelled
    }
  }
}
