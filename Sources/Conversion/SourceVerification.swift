import HuginnModel
public import Kernels
public import Models
public import PackFormat
public import Parallelism
import StrictJSON

extension Converter {
  /// Re-derives a pack from its source and compares everything but `tool`, `digest` and
  /// `extensions`, bit for bit.
  ///
  /// The segments themselves are not read: ``PackVerification`` proves that they are what the
  /// manifest says.
  ///
  /// - Parameters:
  ///   - manifest: of the pack.
  ///   - model: the checkpoint that it should come from.
  ///   - workers: the threads to use.
  ///   - kernels: what encodes.
  ///   - monitor: receives the number of bytes read.
  /// - Returns: the places where they differ, none for a faithful pack.
  /// - Throws: ``ConversionError`` if the checkpoint is refused or cannot be read.
  public static func compare(
    _ manifest: Manifest, with model: StoredModel, workers: Workers = Workers(),
    kernels: KernelSet = .best, monitor: Monitor = .none
  ) throws(ConversionError) -> [PackFault] {
    // Another model gives another layout, which the pack's recipe need not fit.
    if let config = model.config,
      let difference = manifest.config.model.firstDifference(from: config.model)
    {
      return [.source(difference, at: "model")]
    }
    let plan = try ConversionPlan(model, manifest.recipe)
    let derived: Manifest
    do throws(ConversionError) {
      derived = try Converter(plan, workers: workers, kernels: kernels, monitor: monitor)
        .deriveManifest(tool: manifest.tool)
    } catch {
      // Values that give no pack at all differ from those that gave this one.
      guard case .values(let tensor, _, _, _) = error else { throw error }
      return [.source(path: tensor, expected: "nothing: \(error)", found: "converted")]
    }
    guard case .object(let found) = manifest.jsonWithoutDigest,
      case .object(let expected) = derived.jsonWithoutDigest
    else { return [] }
    var faults: [PackFault] = []
    for key in expected.keys.sorted() where key != "tensors" {
      guard let difference = found[key]?.firstDifference(from: expected[key] ?? .null) else {
        continue
      }
      faults.append(.source(difference, at: key))
    }
    guard case .array(let foundTensors)? = found["tensors"],
      case .array(let expectedTensors)? = expected["tensors"]
    else { return faults }
    for (index, layout) in manifest.layout.tensors.enumerated() {
      guard let difference = foundTensors[index].firstDifference(from: expectedTensors[index])
      else { continue }
      faults.append(.source(difference, at: layout.tensor.name))
    }
    return faults
  }
}

extension PackFault {
  fileprivate static func source(_ difference: JSONValue.Difference, at place: String) -> PackFault
  {
    .source(
      path: difference.path.isEmpty ? place : "\(place): \(difference.path)",
      expected: difference.expected, found: difference.found)
  }
}
