import HuginnModel
import StrictJSON

/// The members of a manifest that do not follow from others, with their JSON kinds checked and
/// nothing else.
struct RawManifest {
  struct File {
    let path: String
    let name: String
    let byteCount: Int
    let sha256: String

    init(_ object: JSONObject, nameKey: String) throws(JSONError) {
      var object = object
      path = object.path
      name = try object.string(nameKey)
      byteCount = try object.count("bytes")
      sha256 = try object.string("sha256")
    }
  }

  struct Record {
    let path: String
    let sha256: String
    let sourceDType: String
    let error: (maxAbs: Double, sumSquaredError: Double, sumSquaredSource: Double)?

    init(_ object: JSONObject) throws(JSONError) {
      var object = object
      path = object.path
      sha256 = try object.string("sha256")
      sourceDType = try object.string("source_dtype")
      let value = try object.take("error")
      if value == .null {
        error = nil
      } else {
        var sums = try JSONObject(value, path: object.path(of: "error"))
        error = (
          try sums.number("max_abs"), try sums.number("sum_sq_error"),
          try sums.number("sum_sq_source")
        )
      }
    }
  }

  let digest: String
  let identity: String
  let toolName: String
  let toolVersion: String
  let model: JSONValue
  let recipe: JSONValue
  let sourceFiles: [File]
  let sourceIndex: File?
  let tensors: [Record]
  let rotaryTableDType: String?
  let sidecars: [File]
  let extensions: JSONValue?

  init(_ document: JSONValue) throws(JSONError) {
    var document = try JSONObject(document)
    digest = try document.string("digest")
    identity = try document.string("identity")
    var tool = try document.object("tool")
    toolName = try tool.string("name")
    toolVersion = try tool.string("version")
    model = try document.take("model")
    recipe = try document.take("recipe")
    var source = try document.object("source")
    sourceFiles = try Self.files(&source, "files", nameKey: "name")
    if let index = try source.objectIfPresent("index") {
      sourceIndex = try File(index, nameKey: "name")
    } else {
      sourceIndex = nil
    }
    var records: [Record] = []
    for object in try document.objects("tensors") { records.append(try Record(object)) }
    tensors = records
    var derived = try document.object("derived")
    var rotaryTable = try derived.object(HuginnConfig.rotaryTableName)
    rotaryTableDType = try rotaryTable.stringIfPresent("stored")
    sidecars = try Self.files(&document, "sidecars", nameKey: "file")
    extensions = document.takeIfPresent("extensions")
    if let extensions { _ = try JSONObject(extensions, path: "extensions") }
  }

  private static func files(
    _ object: inout JSONObject, _ key: String, nameKey: String
  ) throws(JSONError) -> [File] {
    var files: [File] = []
    for entry in try object.objects(key) { files.append(try File(entry, nameKey: nameKey)) }
    return files
  }
}
