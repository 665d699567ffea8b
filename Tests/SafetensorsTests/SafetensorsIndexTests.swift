import Safetensors
import StrictJSON
import TestSupport
import Testing

struct SafetensorsIndexTests {
  private func index(_ text: String) throws(JSONError) -> SafetensorsIndex {
    try SafetensorsIndex(parsing: Array(text.utf8))
  }

  @Test func `an index gives the shard of each tensor and the sum of sizes`() throws {
    let index = try index(
      #"{"metadata":{"total_size":12},"weight_map":{"b":"2.safetensors","a":"1.safetensors"}}"#)
    #expect(index.weightMap == ["a": "1.safetensors", "b": "2.safetensors"])
    #expect(index.totalSize == 12)
  }

  @Test func `shards are named once each, sorted`() throws {
    let index = try index(#"{"weight_map":{"a":"y","b":"x","c":"y"}}"#)
    #expect(index.shardNames == ["x", "y"])
  }

  @Test func `the index of the fixture is read`() throws {
    let index = try SafetensorsIndex(
      parsing: try Fixtures.bytes("checkpoints/huginn-tiny/\(SafetensorsIndex.fileName)"))
    #expect(index.weightMap.count == 77)
    #expect(index.shardNames == (1...3).map { "model-0000\($0)-of-00003.safetensors" })
    #expect(index.totalSize == 11_246_208)
  }

  @Test(arguments: [
    #"{"weight_map":{}}"#,
    #"{"weight_map":{},"metadata":{}}"#,
    #"{"weight_map":{},"metadata":{"total_size":1.5e9}}"#,
    #"{"weight_map":{},"metadata":{"total_size":"12"}}"#,
  ])
  func `a sum of sizes that is absent or no integer is not compared`(text: String) throws {
    #expect(try index(text).totalSize == nil)
  }

  @Test func `an invalid index is refused with the member that is wrong`() {
    let faults: [(String, JSONError)] = [
      ("[]", .wrongKind(path: "the document", expected: "an object", found: "an array")),
      ("{}", .missingKey(path: "", key: "weight_map")),
      (
        #"{"weight_map":[]}"#,
        .wrongKind(path: "weight_map", expected: "an object", found: "an array")
      ),
      (
        #"{"weight_map":{"a":1}}"#,
        .wrongKind(path: "weight_map.a", expected: "a string", found: "1")
      ),
      (
        #"{"weight_map":{},"metadata":[]}"#,
        .wrongKind(path: "metadata", expected: "an object", found: "an array")
      ),
      (
        #"{"weight_map":{"a":"x","a":"y"}}"#, .duplicateKey("a", byteOffset: 23)
      ),
      (#"{"weight_map":{"#, .truncated(byteOffset: 15)),
    ]
    for (text, fault) in faults {
      #expect(throws: fault) { try index(text) }
    }
  }
}
