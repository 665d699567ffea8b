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
    (.tooManyLinks(path: "a"), "'a' leads through too many links, or in a circle of them"),
    (
      .nameNotUTF8(directory: "a", name: #"b\xE9"#),
      #"'a' holds 'b\xE9', a name that is not UTF-8; rename it"#
    ),
    (
      .targetNotUTF8(path: "a", target: #"b\xE9"#),
      #"'a' leads to 'b\xE9', a name that is not UTF-8; rename it"#
    ),
    (.notARegularFile(path: "a", found: "a fifo"), "'a' is a fifo, expected a regular file"),
    (
      .ended(path: "a", byteOffset: 4, needed: 8, available: 2),
      "'a' ends early: 8 bytes wanted at byte 4, 2 there; it changed while being read"
    ),
    (
      .changed(path: "a"), "'a' changed while being read; run again when nothing writes to it"
    ),
    (
      .tooLarge(path: "a", byteCount: 9, limit: 8),
      "'a' has 9 bytes, more than the 8 that such a file may have"
    ),
    (
      .noSpace(path: "a", needed: 9, free: 8),
      "not enough space for 'a': 9 bytes needed, 8 free"
    ),
    (.exists(path: "a"), "'a' exists"),
    (
      .overlapsInput(path: "a", .holds, input: "a/b"),
      "'a' holds the input 'a/b', which is not written over; choose another path"
    ),
    (
      .overlapsInput(path: "a", .leadsToInput, input: "b"),
      "'a' is a link to the input 'b', which is not written over; choose another path"
    ),
    (.noName(path: ".."), "'..' does not end in a name to write under; choose another path"),
    (
      .notReplaced(path: "a", found: "is no GGUF file"),
      "'a' is no GGUF file, so it is not replaced"
    ),
    (
      .cannotPin(path: "a", byteCount: 9, limit: 8),
      "cannot pin 'a': 9 bytes are to stay in memory, the process may lock 8 in all "
        + "(RLIMIT_MEMLOCK); raise it with 'ulimit -l', or run without pinning"
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
