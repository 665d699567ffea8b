import FileAccess
import Testing

struct FileErrorTests {
  private static let sentences: [(FileError, String)] = [
    (.system(operation: .open, path: "a", errno: 13), "cannot open 'a': Permission denied"),
    (
      .system(operation: .measureFreeSpace, path: "a", errno: 5),
      "cannot measure the free space of 'a': Input/output error"
    ),
    (.notFound(path: "a"), "'a' does not exist"),
    (.danglingLink(path: "a", target: "b"), "'a' is a link to 'b', which does not exist"),
    (.tooManyLinks(path: "a"), "'a' leads through too many links, or through a loop of links"),
    (
      .nameNotUTF8(directory: "a", name: #"b\xE9"#),
      #"'a' contains the name 'b\xE9', which is not UTF-8; rename it"#
    ),
    (
      .targetNotUTF8(path: "a", target: #"b\xE9"#),
      #"'a' leads to 'b\xE9', which is not UTF-8; rename it"#
    ),
    (.notARegularFile(path: "a", found: "a fifo"), "'a' is a fifo, expected a regular file"),
    (
      .ended(path: "a", byteOffset: 4, needed: 8, available: 2),
      "'a' changed while being read: expected 8 bytes at byte 4, found 2; run again when nothing writes to it"
    ),
    (
      .changed(path: "a"), "'a' changed while being read; run again when nothing writes to it"
    ),
    (
      .tooLarge(path: "a", byteCount: 9, limit: 8),
      "'a' has 9 bytes, expected at most 8"
    ),
    (
      .noSpace(path: "a", needed: 9, free: 8),
      "not enough space for 'a': 9 bytes needed, 8 free"
    ),
    (.exists(path: "a"), "'a' already exists"),
    (
      .overlapsInput(path: "a", .holds, input: "a/b"),
      "'a' holds the input 'a/b', which must not be overwritten; choose another path"
    ),
    (
      .overlapsInput(path: "a", .leadsToInput, input: "b"),
      "'a' is a link to the input 'b', which must not be overwritten; choose another path"
    ),
    (.noName(path: ".."), "'..' does not end in a name; choose another path"),
    (
      .notReplaced(path: "a", found: "is not a GGUF file"),
      "'a' was not replaced: it is not a GGUF file"
    ),
    (
      .cannotPin(path: "a", byteCount: 9, limit: 8),
      "cannot pin 'a': it needs 9 bytes of locked memory, but the process may lock 8 in all "
        + "(RLIMIT_MEMLOCK); raise the limit with 'ulimit -l', or do not pin"
    ),
    (
      .cannotReplace(path: "a"),
      "the file system of 'a' cannot exchange directories in one step"
    ),
  ]

  @Test func `every error says what was tried, on what, and why not`() {
    for (error, sentence) in Self.sentences { #expect(error.description == sentence) }
  }

  @Test func `only what is not there at all is not found`() {
    let notFound = Self.sentences.map(\.0).filter(\.isNotFound)
    #expect(notFound == [.notFound(path: "a")])
  }

  @Test func `something other than a file is distinguished from an unreadable one`() {
    let others = Self.sentences.map(\.0).filter(\.isOfOtherKind)
    #expect(
      others == [
        .danglingLink(path: "a", target: "b"), .tooManyLinks(path: "a"),
        .notARegularFile(path: "a", found: "a fifo"),
      ])
  }
}
