import StrictJSON
import TestSupport
import Testing

/// `--preset` and `--fit`: for people who do not want to choose, and who ask what fits first.
struct PresetCommandTests {
  private func json(_ arguments: [String]) throws -> JSONObject {
    let run = try CommandRun(arguments + ["--json"])
    #expect(run.status == 0, "\(run.errors)")
    return try JSONObject(try JSONValue(parsing: Array(run.output.utf8)))
  }

  @Test(
    arguments: [
      (
        ["--preset", "balanced"], "balanced",
        #"{"stages":{"coda":"int8:32","embedding":"int8:32"},"weights":"int4:32"}"#
      ),
      (
        ["--preset", "small", "--coda", "f16"], "small and a stage",
        #"{"stages":{"coda":"f16","embedding":"int8:32"},"weights":"int4:32"}"#
      ),
      (
        ["--preset", "faithful", "--weights", "bf16"], "faithful and weights",
        #"{"stages":{"embedding":"f16"},"weights":"bf16"}"#
      ),
    ] as [([String], String, String)])
  func `a preset is its encodings, which other options change`(
    flags: [String], name: String, recipe: String
  ) throws {
    let directory = try TemporaryDirectory()
    var report = try json(["convert", Fixtures.tiny, directory("pack"), "--dry-run"] + flags)
    let found = try report.take("recipe").canonicalBytes
    #expect(String(decoding: found, as: UTF8.self) == recipe)
  }

  @Test func `what fits is told of every encoding and preset that the widths allow`() throws {
    for arguments in [
      ["inspect", Fixtures.nano], ["inspect", Fixtures.path("expected/huginn-nano-int8.muninn")],
      ["convert", Fixtures.nano, "/tmp/never-written.muninn", "--dry-run"],
    ] {
      var report = try json(arguments + ["--fit", "128", "--fit-steps", "8"])
      var fit = try report.object("fit")
      #expect(try fit.count("tokens") == 128)
      #expect(try fit.count("recurrences") == 8)
      let memory = try fit.count("memory_bytes")
      #expect(memory > 0)
      var names: [String] = []
      for var pack in try fit.objects("packs") {
        names.append(try pack.string("encoding"))
        #expect(try pack.count("bytes") > pack.count("core_bytes"))
        #expect(try pack.string("fits") == "yes")
      }
      // 160 does not divide a width of 96.
      #expect(
        names == [
          "f32", "bf16", "int8:row", "int8:32", "int4:32", "--preset small", "--preset balanced",
          "--preset faithful",
        ])
    }
  }

  @Test(arguments: [
    ["convert", "a", "b", "--preset", "tiny"], ["convert", "a", "b", "--fit", "1"],
    ["convert", "a", "b", "--preset", "small", "--recipe", "c"], ["inspect", "a", "--fit", "0"],
    ["inspect", "a", "--fit-steps", "4"], ["inspect", "a", "--fit", "1", "--fit-steps", "0"],
  ])
  func `what does not go together is a usage error`(arguments: [String]) throws {
    #expect(try CommandRun(arguments).status == 64)
  }
}
