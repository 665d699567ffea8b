import Safetensors
import Testing
import TestSupport
import FileAccess

@Test func probe() throws {
  for name in try directoryContents(Fixtures.path("safetensors")) where name.hasSuffix(".safetensors") {
    do { let f = try SafetensorsFile(path: Fixtures.path("safetensors/" + name)); print("OK", name, f.header.entries.map(\.tensor), f.header.metadata, f.dataOffset) }
    catch let e {
      if case .malformed(_, let fault) = e { print("PROBE", name, Mirror(reflecting: fault).children.first!.label!, "|", fault) }
    }
  }
}
