import FileAccess
import HuginnModel
import Integrity
import Parallelism
import Quantization
import Synchronization

/// The steps of a verification, and what they find.
struct PackCheck {
  private let directory: OpenDirectory
  private let manifest: Manifest
  private let monitor: Monitor
  private(set) var faults: [PackFault] = []
  /// The files that are as long as the manifest says.
  private var files: [String: InputFile] = [:]

  init(_ directory: OpenDirectory, _ manifest: Manifest, _ monitor: Monitor) {
    self.directory = directory
    self.manifest = manifest
    self.monitor = monitor
  }

  /// Opens every file that the manifest names, and notes those that are not as long as it says.
  mutating func openFiles() throws(ReadingError) {
    for (name, byteCount) in manifest.files {
      switch try ReadingError.wrapping(PackFile(name, in: directory, byteCount: byteCount)) {
      case .sound(let file): files[name] = file
      case .faulty(let fault): faults.append(fault)
      }
    }
  }

  mutating func findUnexpectedFiles(_ names: [String]) {
    faults += manifest.unexpectedFiles(among: names)
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

  mutating func runTasks(_ workers: Workers) throws(ReadingError) {
    let tasks = self.tasks()
    // The largest first, so that no thread is left with one at the end.
    let order = tasks.indices.sorted { tasks[$0].byteCount > tasks[$1].byteCount }
    let found = Mutex<[(task: Int, fault: PackFault)]>([])
    let check = self
    try workers.run(tasks.count) { position throws(ReadingError) in
      let index = order[position]
      if let fault = try ReadingError.wrapping(check.run(tasks[index])) {
        found.withLock { $0.append((index, fault)) }
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
      return PackFault(
        ofHeader: page.span.rawBytes, of: segment, identity: manifest.identity)
    case .gaps(let segment, let file):
      // At most 16383 bytes each.
      for gap in segment.gaps {
        let bytes = try file.read(at: gap.lowerBound, count: gap.count)
        monitor.advance(by: bytes.count)
        if let fault = PackFault(ofGap: bytes, at: gap.lowerBound, of: segment) { return fault }
      }
      return nil
    case .tensor(let layout, let record, let file):
      let found = try Digest(of: file, ranges: layout.planes.map(\.byteRange), monitor)
      return found.flatMap { PackFault(of: layout, record, found: $0) }
    case .sidecar(let sidecar, let file):
      let found = try Digest(of: file, ranges: [0..<file.byteCount], monitor)
      return found.flatMap {
        PackFault(ofFile: sidecar.name, expected: sidecar.sha256, found: $0)
      }
    }
  }

  // MARK: - Files whole

  /// Reads every file from its first to its last byte, and finds what the tasks find.
  ///
  /// - Returns: the digests of the files, by name.
  mutating func readFiles(
    _ names: [String], _ workers: Workers
  ) throws(ReadingError) -> [String: Digest] {
    let order = PackFileNames.segments + manifest.sidecars.map(\.name)
    let others = Set(names).subtracting(order).sorted()
    let read = try PackFiles(in: directory, names: order + others)
      .read(against: (manifest, Set(files.keys)), workers, monitor)
    faults += read.faults
    return read.digests
  }

  // MARK: - Meaning

  /// Holds the copied config, where its bytes are right, against what the manifest says of the model.
  mutating func compareConfig() throws(ReadingError) {
    guard files[HuginnConfig.fileName] != nil else { return }
    let fault = try ReadingError.wrapping(manifest.contradiction(in: directory))
    if let fault { faults.append(fault) }
  }
}

extension Digest {
  /// The digest of several ranges as one sequence of bytes; nil if the monitor cancels.
  init?(of file: InputFile, ranges: [Range<Int>], _ monitor: Monitor) throws(FileError) {
    try self.init(of: file, ranges: ranges) { count in
      monitor.advance(by: count)
      return !monitor.isCancelled
    }
  }
}
