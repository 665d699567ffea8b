public import FileAccess
import HuginnModel
public import Integrity
public import Parallelism
import Quantization
import Synchronization

/// Whether tensors are what the manifest says: for who reads them whole, and for who maps them.
extension PackReader {
  /// What is wrong with a tensor that was read whole.
  ///
  /// A digest is one over all planes, which may have been read side by side. Each is hashed by
  /// itself; the later ones, which are small, are read once more here, and must be what they were.
  ///
  /// - Parameters:
  ///   - layout: of the tensor.
  ///   - planes: for each of its planes, what has hashed its bytes from the first to the last.
  /// - Returns: the fault; nil if the digest is the one of the manifest.
  /// - Throws: `FileError`, `FileError/changed(path:)` among them.
  public func fault(
    of layout: TensorLayout, _ planes: [SHA256Hasher]
  ) throws(FileError) -> PackFault? {
    var whole = planes[0]
    let file = file(of: layout)
    for (plane, hasher) in zip(layout.planes, planes).dropFirst() {
      var again = SHA256Hasher()
      try file.forEachRun(in: plane.byteRange) { bytes, _ throws(FileError) in
        whole.update(bytes)
        again.update(bytes)
        return true
      }
      guard again.finalized() == hasher.finalized() else { throw .changed(path: file.path) }
    }
    return PackFault(of: layout, record(of: layout), found: whole.finalized())
  }

  /// Reads all tensors, each byte once and in parallel, and says what is wrong with them.
  ///
  /// - Parameters:
  ///   - workers: the threads to use.
  ///   - monitor: receives the number of bytes read.
  /// - Returns: the faults, in file order.
  /// - Throws: `ReadingError`.
  public func tensorFaults(
    workers: Workers = Workers(), monitor: Monitor = .none
  ) throws(ReadingError) -> [PackFault] {
    let tensors = manifest.layout.tensors
    // The largest first, so that no thread is left with one at the end.
    let order = tensors.indices.sorted { tensors[$0].byteCount > tensors[$1].byteCount }
    let found = Mutex([PackFault?](repeating: nil, count: tensors.count))
    try workers.run(tensors.count) { position throws(ReadingError) in
      let index = order[position]
      let layout = tensors[index]
      try ReadingError.wrapping { () throws(FileError) in
        let ranges = layout.planes.map(\.byteRange)
        guard let digest = try Digest(of: file(of: layout), ranges: ranges, monitor) else { return }
        let fault = PackFault(of: layout, manifest.tensors[index], found: digest)
        found.withLock { $0[index] = fault }
      }
      if monitor.isCancelled { throw .cancelled }
    }
    if monitor.isCancelled { throw .cancelled }
    return found.withLock { $0.compactMap(\.self) }
  }

  private func record(of layout: TensorLayout) -> Manifest.TensorRecord {
    guard let index = manifest.layout.tensors.firstIndex(where: { $0.tensor == layout.tensor })
    else { preconditionFailure("the pack has the tensor \(layout.tensor.name)") }
    return manifest.tensors[index]
  }
}
