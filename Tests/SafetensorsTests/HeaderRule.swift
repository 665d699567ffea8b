import Safetensors

/// The cases of `HeaderFault` by name, as `formats/safetensors.md` lists them.
///
/// In the order in which a reader finds them broken.
enum HeaderRule: String, CaseIterable {
  case file, noLength, headerTooLarge, headerCut, noObject, json, metadata, entry, unknownDType
  case offsetCount, reversedOffsets, offsetTooLarge, size, byteCount, hole, overlap, dataCut
  case trailingData, foreign
}

extension HeaderFault {
  /// The name of the case.
  ///
  /// A case that is added does not compile here, and once it is here the tests ask for a file that
  /// breaks it and a line of the page.
  var rule: HeaderRule {
    switch self {
    case .file: .file
    case .foreign: .foreign
    case .noLength: .noLength
    case .headerTooLarge: .headerTooLarge
    case .headerCut: .headerCut
    case .noObject: .noObject
    case .json: .json
    case .metadata: .metadata
    case .entry: .entry
    case .unknownDType: .unknownDType
    case .offsetCount: .offsetCount
    case .reversedOffsets: .reversedOffsets
    case .offsetTooLarge: .offsetTooLarge
    case .size: .size
    case .byteCount: .byteCount
    case .hole: .hole
    case .overlap: .overlap
    case .dataCut: .dataCut
    case .trailingData: .trailingData
    }
  }
}
