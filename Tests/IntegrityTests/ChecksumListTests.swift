import FileAccess
import Integrity
import Testing

struct ChecksumListTests {
  @Test func `each file has a line as sha256sum writes it, in the order given`() {
    let files = ["b.seg": "", "a.json": "abc"].sorted { $0.key > $1.key }.map {
      (name: $0.key, digest: Digest(of: Array($0.value.utf8).span.rawBytes))
    }
    #expect(
      ChecksumList.text(files) == """
        e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  b.seg
        ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  a.json

        """)
    #expect(ChecksumList.text([]) == "")
    #expect(ChecksumList.fileName == "SHA256SUMS")
  }
}
