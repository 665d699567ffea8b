import HuginnModel
import Safetensors
import StrictJSON

/// How tensors are spread over shards: greedily, in the order of the `state_dict`.
struct ShardPlan: Sendable {
  /// One file.
  struct Shard: Sendable {
    let name: String
    let tensors: [ExportTensor]
  }

  let shards: [Shard]

  /// Starts a new shard before a tensor with which the last one would be longer than the limit.
  init(_ tensors: [ExportTensor], byteLimit: Int) {
    var groups: [[ExportTensor]] = [[]]
    var filled = 0
    for tensor in tensors {
      if filled > 0, tensor.byteCount > byteLimit - min(filled, byteLimit) {
        groups.append([])
        filled = 0
      }
      groups[groups.count - 1].append(tensor)
      filled += tensor.byteCount
    }
    let count = groups.count
    shards = groups.enumerated().map { index, tensors in
      let name =
        count == 1
        ? "model.safetensors"
        : "model-\(Self.padded(index + 1))-of-\(Self.padded(count)).safetensors"
      return Shard(name: name, tensors: tensors)
    }
  }

  /// The index; nil of one shard, which needs none.
  var index: JSONValue? {
    guard shards.count > 1 else { return nil }
    var map: [String: JSONValue] = [:]
    for shard in shards {
      for tensor in shard.tensors { map[tensor.name] = .string(shard.name) }
    }
    let total = shards.flatMap(\.tensors).reduce(0) { $0 + $1.byteCount }
    return ["metadata": ["total_size": .integer(total)], "weight_map": .object(map)]
  }

  private static func padded(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
  }
}
