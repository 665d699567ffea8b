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
}
