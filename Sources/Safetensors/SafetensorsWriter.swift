public import FileAccess
import StrictJSON
public import Tensors

/// Writes a safetensors file, the same bytes for the same tensors.
///
/// Tensors are ordered as the `safetensors` package orders them, widest dtype first and then by
/// name, so that each is aligned to its elements; the header is padded with spaces to a multiple of
/// 8. The file appears under its name, complete, by ``publish()``, or not at all.
public struct SafetensorsWriter {
  private let partial: PartialFile
  /// Where the tensors' bytes go, from any thread.
  public let data: PlacedOutput

  /// Creates the file with its header; the data is written later.
  ///
  /// - Parameters:
  ///   - target: the final name.
  ///   - tensors: what it will hold.
  ///   - metadata: what it says of itself.
  ///   - replacing: whether a file that is there is replaced.
  ///   - kind: what it must be then.
  /// - Throws: ``SafetensorsError`` if a name appears twice or a size overflows, or if the target
  ///   is there and not to be replaced.
  public init(
    target: String, tensors: [TensorDescription], metadata: [String: String] = [:],
    replacing: Bool = false, kind: OutputKind = .safetensors
  ) throws(SafetensorsError) {
    partial = try SafetensorsError.wrapping(
      PartialFile(target: target, replacing: replacing, kind: kind))
    data = try Self.begin(partial.output, target: target, tensors: tensors, metadata: metadata)
  }

  /// Writes the header into a file that was created, for whoever names and syncs it otherwise.
  ///
  /// - Parameters:
  ///   - output: the file, empty.
  ///   - target: what errors call it.
  ///   - tensors: what it will hold.
  ///   - metadata: what it says of itself.
  /// - Returns: where the tensors' bytes go.
  /// - Throws: ``SafetensorsError`` if a name appears twice or a size overflows.
  public static func begin(
    _ output: OutputFile, target: String, tensors: [TensorDescription],
    metadata: [String: String] = [:]
  ) throws(SafetensorsError) -> PlacedOutput {
    let sorted = tensors.sorted {
      let (left, right) = (rank(of: $0.dtype), rank(of: $1.dtype))
      return left != right ? left > right : $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
    }
    do throws(HeaderFault) {
      let (header, ranges) = try layOut(sorted, metadata: metadata)
      // What is written must read back: the reader's rules are the writer's too.
      _ = try SafetensorsHeader(parsing: Array(header.dropFirst(8)))
      do throws(FileError) {
        let end = header.count + (ranges.values.map(\.upperBound).max() ?? 0)
        try output.preallocate(byteCount: end)
        try output.write(header.span.rawBytes, at: 0)
      } catch {
        throw HeaderFault.file(error)
      }
      return PlacedOutput(
        output,
        places: ranges.mapValues {
          $0.lowerBound + header.count..<$0.upperBound + header.count
        })
    } catch {
      throw SafetensorsError(error, in: target)
    }
  }

  /// Gives the file its final name.
  public func publish() throws(FileError) {
    try partial.publish()
  }

  /// The position in the package's list of dtypes, which ascends by alignment.
  private static func rank(of dtype: DType) -> Int {
    DType.allCases.firstIndex(of: dtype) ?? 0
  }

  private static func layOut(
    _ tensors: [TensorDescription], metadata: [String: String]
  ) throws(HeaderFault) -> (header: [UInt8], ranges: [String: Range<Int>]) {
    var members: [[UInt8]] = []
    if !metadata.isEmpty {
      let value = JSONValue.object(metadata.mapValues { .string($0) })
      members.append(Array("\"__metadata__\":".utf8) + value.canonicalBytes)
    }
    var ranges: [String: Range<Int>] = [:]
    var end = 0
    for tensor in tensors {
      let start = end
      do throws(SizeError) {
        guard let sum = start.adding(try tensor.dtype.byteCount(of: tensor.shape.elementCount))
        else { throw .overflow }
        end = sum
      } catch {
        throw .size(
          tensor: tensor.name, shape: tensor.shape.dimensions, dtype: tensor.dtype, reason: error)
      }
      ranges[tensor.name] = start..<end
      let shape = tensor.shape.dimensions.map { String($0) }.joined(separator: ",")
      members.append(
        JSONValue.string(tensor.name).canonicalBytes
          + """
          :{"dtype":"\(tensor.dtype.rawValue)","shape":[\(shape)],"data_offsets":[\(start),\(end)]}
          """.utf8)
    }
    var json: [UInt8] = Array("{".utf8) + members.joined(separator: [UInt8(ascii: ",")]) + "}".utf8
    while !json.count.isMultiple(of: 8) { json.append(UInt8(ascii: " ")) }
    return (UInt64(json.count).littleEndianBytes + json, ranges)
  }
}

extension OutputKind {
  /// A file with a safetensors header.
  public static let safetensors = tensors("a safetensors file") { _ in true }

  /// A file with a safetensors header and the expected tensors.
  ///
  /// - Parameters:
  ///   - name: what a file of the kind is called, with its article.
  ///   - accepts: receives the names of the tensors, sorted.
  /// - Returns: the kind.
  public static func tensors(
    _ name: String, accepts: @escaping @Sendable (_ tensorNames: [String]) -> Bool
  ) -> OutputKind {
    OutputKind(name) { file throws(FileError) in
      do throws(SafetensorsError) {
        let header = try SafetensorsFile(path: file.path).header
        return accepts(header.entries.map(\.tensor.name).sorted())
      } catch {
        if case .file(let error) = error { throw error }
        return false
      }
    }
  }
}
