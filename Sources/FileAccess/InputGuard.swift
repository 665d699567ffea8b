/// What a command reads, and does not write over.
///
/// A file is identified by its device and inode, not by how a path spells it: `.`, a trailing
/// slash, a hard link and a symbolic link all lead to the same. What is given as a file is guarded
/// alone; what is given as a directory with every place in it.
public struct InputGuard: Sendable {
  /// The inputs: files, and directories that were given whole; each as it was named.
  private var inputs: [FileIdentity: String] = [:]
  /// The directories above, along each link that leads to an input, with one that they hold.
  private var holders: [FileIdentity: String] = [:]
  /// As many links as the system follows.
  private static let linkLimit = 40

  /// Guards files, and directories with all that is in them.
  ///
  /// - Throws: ``FileError`` if a path cannot be looked at.
  public init(_ paths: [String] = []) throws(FileError) {
    for path in paths { try add(path) }
  }

  /// Guards a file, or a directory with all that is in it.
  ///
  /// The files in a directory are guarded wherever they lie: the snapshot of a hub's cache holds
  /// nothing but links.
  ///
  /// - Throws: ``FileError`` if the path cannot be looked at.
  public mutating func add(_ path: String) throws(FileError) {
    let status = try FileStatus(ofPath: path)
    try add(status.identity, at: path)
    guard status.kind == .directory else { return }
    let folder = try Folder(path: path)
    let names = try DirectoryStream(path: path)
    while let name = try names.next() {
      // What cannot be looked at is not read either.
      guard let status = folder.status(of: name), status.kind == .regular else { continue }
      let file = Path.join(path, text(of: name[...]))
      inputs[status.identity] = inputs[status.identity] ?? file
      try addHolders(of: name, in: folder, file)
    }
  }

  /// Guards a file that is open, whatever its path leads to by now.
  ///
  /// - Throws: ``FileError`` if it, or its folder, cannot be looked at.
  public mutating func add(_ file: InputFile) throws(FileError) {
    try add(
      try FileStatus(ofDescriptor: file.descriptor, path: file.path).identity, at: file.path)
  }

  private mutating func add(_ identity: FileIdentity, at path: String) throws(FileError) {
    inputs[identity] = inputs[identity] ?? path
    let folder = try Folder(path: Path.parent(of: path))
    try addHolders(of: Array(Path.name(of: path).utf8CString), in: folder, path)
  }

  /// Notes the directories above a name, and above all that it leads to, link by link.
  private mutating func addHolders(
    of name: [CChar], in folder: Folder, _ input: String
  ) throws(FileError) {
    var place = (folder: folder, name: name)
    for _ in 0...Self.linkLimit {
      var above: Folder? = place.folder
      // Above one that is known, all are.
      while let here = above, holders[here.identity] == nil {
        holders[here.identity] = input
        above = try here.parent()
      }
      guard let next = try place.folder.following(place.name) else { return }
      place = next
    }
  }

  /// Checks that writing a path, or replacing what is there, leaves all inputs as they are.
  ///
  /// - Throws: ``FileError/overlapsInput(path:_:input:)``, ``FileError/noName(path:)``, or another
  ///   ``FileError`` if that cannot be determined. A missing directory is reported when writing to
  ///   it.
  public func check(_ target: String) throws(FileError) {
    let path = Path.trimmed(target)
    if let status = try FileStatus.ifPresent(ofLink: path) {
      let isLink = status.kind == .link
      // A link that leads nowhere leads to no input.
      let found = isLink ? try? FileStatus(ofPath: path) : status
      if let found, let input = inputs[found.identity] {
        throw .overlapsInput(path: target, isLink ? .leadsToInput : .isInput, input: input)
      }
      if let found, let input = holders[found.identity] {
        throw .overlapsInput(path: target, .holds, input: input)
      }
    }
    try Path.checkName(of: path)
    for folder in try Folder.above(path) {
      if let input = inputs[folder.identity] {
        throw .overlapsInput(path: target, .liesIn, input: input)
      }
    }
  }
}
