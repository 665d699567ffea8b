import Models
import FileAccess
import Foundation
import HuginnModel
import Safetensors
import Tensors
import TestSupport
import Testing

/// The smaller checkpoint with one layer in each stage, for tests that verify thousands of packs.
enum MicroCheckpoint {
  /// Writes it into a directory and returns its path.
  static func write(to directory: TemporaryDirectory) throws -> String {
    let source = try StoredModel(path: Fixtures.nano)
    var json = String(
      decoding: try Fixtures.bytes("checkpoints/huginn-nano/config.json"), as: UTF8.self)
    for (key, count) in [
      ("n_layers", 8), ("n_layers_in_prelude", 2), ("n_layers_in_recurrent_block", 4),
      ("n_layers_in_coda", 2),
    ] {
      json = json.replacing(
        "\"\(key)\": \(count)", with: "\"\(key)\": \(key == "n_layers" ? 3 : 1)")
    }
    let config = try #require(HuginnConfig.parse(Array(json.utf8)).config)
    let path = directory("micro")
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    try directory.write("micro/config.json", json)

    let tensors = try config.tensors.map { try #require(source.tensors[$0.name]) }
    let writer = try SafetensorsWriter(
      target: "\(path)/model.safetensors",
      tensors: try tensors.map {
        TensorDescription(name: $0.name, dtype: try #require($0.valueDType), shape: $0.shape)
      })
    for tensor in tensors {
      let range = tensor.byteRange
      let bytes = try tensor.file.read(at: range.lowerBound, count: range.count)
      try writer.data.write(bytes.span.rawBytes, of: tensor.name)
    }
    try writer.publish()
    return path
  }
}
