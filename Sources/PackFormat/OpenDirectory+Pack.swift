package import FileAccess
import HuginnModel

extension OpenDirectory {
  /// Opens the directory of a pack.
  ///
  /// - Throws: ``PackError``; something other than a directory has no manifest.
  package convenience init(ofPack path: String) throws(PackError) {
    do throws(FileError) {
      try self.init(path: path)
    } catch {
      if case .notADirectory = error { throw .noManifest(path: path) }
      throw .file(error)
    }
  }

  /// The manifest of the pack that it is, read and checked.
  ///
  /// - Throws: ``PackError``.
  package func manifest() throws(PackError) -> Manifest {
    let name = PackConstants.manifestName
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try contents(of: name, limit: PackConstants.manifestByteLimit)
    } catch {
      if error.isNotFound { throw .noManifest(path: path) }
      throw .file(error)
    }
    do throws(ManifestError) {
      return try Manifest(parsing: bytes)
    } catch {
      throw .manifest(path: path(of: name), error)
    }
  }

  /// Runs what finds a pack at fault, of which nothing is said where the pack was replaced meanwhile:
  /// it loses its files one by one then, and that is no damage.
  ///
  /// - Throws: what `body` throws, or `FileError/changed(path:)` as an error of that layer.
  package func whileUnchanged<Value, Failure: LayeredError>(
    _ body: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    do throws(Failure) {
      return try body()
    } catch {
      if !(error.root is CancellationError) { try Failure.wrapping(checkUnchanged()) }
      throw error
    }
  }

  /// Checks that nobody has written to the files since they were opened, and, for faults, that the
  /// directory was not replaced meanwhile (``whileUnchanged(_:)``).
  ///
  /// - Throws: `FileError/changed(path:)`.
  package func checkUnchanged(havingFaults: Bool) throws(FileError) {
    try checkFilesUnchanged()
    if havingFaults { try checkUnchanged() }
  }
}
