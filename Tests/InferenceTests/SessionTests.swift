import Models
import Conversion
import HuginnModel
import Kernels
import PackFormat
import Parallelism
import Quantization
import TestSupport
import Testing

@testable import Inference

struct SessionTests {
  private let checkpoint: StoredModel
  private let model: Model
  private let tokens: [Int]

  init() throws {
    checkpoint = try StoredModel(path: Fixtures.nano)
    model = try Model(checkpoint)
    tokens = Array(
      try Fixtures.integers("input_ids", in: "checkpoints/huginn-nano/golden.safetensors")
        .prefix(12))
  }

  private func logits(
    _ model: Model, steps: Int, cache: CachePolicy = .full
  ) throws -> [Float] {
    var session = Session(model, cache: cache)
    return try session.evaluate(tokens, steps: steps)
  }

  // MARK: - One or several

  @Test(arguments: [.zero, .random(seed: 7)] as [Session.InitialState])
  func `tokens taken together give what they give one by one, bit for bit`(
    state: Session.InitialState
  ) throws {
    var together = Session(model, initialState: state)
    let all = try together.evaluate(tokens, steps: 5)
    var single = Session(model, initialState: state)
    var each: [Float] = []
    for token in tokens { each += try single.step(token, Session.Depth(5)).logits }
    #expect(each == all)
    #expect(single.count == tokens.count)
  }

  @Test func `any cut of a prompt into parts gives the same, bit for bit`() throws {
    // More tokens than a block of keys, and than a panel of vectors.
    let text = (0..<100).map { ($0 * 37 + 11) % 256 }
    var together = Session(model)
    let all = try together.evaluate(text, steps: 3)
    var generator = SeededGenerator(seed: 5)
    for _ in 0..<12 {
      var session = Session(model)
      var (parts, rest): ([Float], ArraySlice<Int>) = ([], text[...])
      while !rest.isEmpty {
        let part = rest.prefix(Int.random(in: 1...40, using: &generator))
        parts += try session.evaluate(Array(part), steps: 3)
        rest = rest.dropFirst(part.count)
      }
      #expect(parts == all)
    }
  }

  @Test func `texts beside each other change no bit of one another`() throws {
    let texts = [Array(tokens[..<5]), tokens, Array(tokens[3..<4])]
    var rollout = try Rollout(model, texts)
    for _ in 0..<4 { rollout.recur() }
    var alone: [Float] = []
    for text in texts {
      var session = Session(model)
      alone += try session.evaluate(text, steps: 4)
    }
    #expect(try rollout.logits() == alone)
    let rows = [0, 4, 5, 17]
    #expect(try rollout.logits(of: rows) == rows.flatMap { alone[$0 * 256..<($0 + 1) * 256] })
  }

  @Test(
    arguments: [.kl, .latentDifference, .none] as [ExitCriterion.Kind],
    [.full, .latest, .share(slots: 8)] as [CachePolicy])
  func `sessions that step beside each other change no bit of one another`(
    kind: ExitCriterion.Kind, cache: CachePolicy
  ) throws {
    let texts = [Array(tokens[..<5]), Array(tokens[3..<8]), Array(tokens[7..<12])]
    let criterion = kind == .none ? ExitCriterion(.none) : ExitCriterion(kind, threshold: 0.25)
    let depth = Session.Depth(6, until: criterion)
    var (sessions, steps) = (texts.map { _ in Session(model, cache: cache) }, Set<Int>())
    var alone = sessions
    for position in 0..<5 {
      let outcomes = try Session.step(&sessions, texts.map { $0[position] }, depth)
      for index in texts.indices {
        let expected = try alone[index].step(texts[index][position], depth)
        #expect(outcomes[index].logits == expected.logits)
        #expect(outcomes[index].steps == expected.steps)
        #expect(outcomes[index].isExhausted == expected.isExhausted)
        steps.insert(expected.steps)
      }
    }
    #expect(kind == .none || steps.count > 1, "they leave at different recurrences")
    #expect(sessions.map(\.count) == [5, 5, 5])
  }

  @Test func `the number of threads and the processor's level change no bit`() throws {
    let expected = try logits(model, steps: 3)
    for level in CPULevel.available {
      for count in [1, 2, 5] {
        let other = try Model(
          checkpoint, workers: Workers(count: count), kernels: #require(KernelSet(level)))
        #expect(try logits(other, steps: 3) == expected, "\(level), \(count) threads")
      }
    }
  }

  @Test func `truncated tokens leave no trace`() throws {
    var session = Session(model)
    _ = try session.evaluate(Array(tokens[..<5]), steps: 4)
    _ = try session.evaluate([1, 2, 3], steps: 2)
    session.truncate(to: 5)
    let rest = try session.evaluate(Array(tokens[5...]), steps: 4)
    #expect(rest == Array(try logits(model, steps: 4).suffix(rest.count)))
  }

  @Test func `a weight that is not finite ends the run`() throws {
    let directory = try TemporaryDirectory()
    try directory.copy(Fixtures.nano, as: "damaged")
    let norm = try #require(checkpoint.tensors["transformer.ln_f.weight"])
    var bytes = try directory.bytes("damaged/model.safetensors")
    bytes.replaceSubrange(norm.byteRange.prefix(4), with: [0, 0, 0x80, 0x7F])
    try directory.write("damaged/model.safetensors", bytes)
    let damaged = try Model(try StoredModel(path: directory("damaged")))
    #expect(throws: InferenceError.notFinite(position: 0)) { try logits(damaged, steps: 1) }
  }

  @Test func `a config with noise in its forward pass is not run`() throws {
    let directory = try TemporaryDirectory()
    try directory.copy(Fixtures.nano, as: "noisy")
    let config = String(decoding: try directory.bytes("noisy/config.json"), as: UTF8.self)
    try directory.write(
      "noisy/config.json",
      config.replacing("\"test_time_noise\": 0,", with: "\"test_time_noise\": 0.1,"))
    let noisy = try StoredModel(path: directory("noisy"))
    #expect(throws: InferenceError.noise(path: directory("noisy/config.json"))) {
      try Model(noisy)
    }
  }

  @Test func `a token outside the vocabulary and a full context are errors`() throws {
    var session = Session(model)
    #expect(throws: InferenceError.token(256, vocabulary: 256)) {
      try session.evaluate([1, 256], steps: 1)
    }
    #expect(throws: InferenceError.token(-1, vocabulary: 256)) {
      try session.step(-1, Session.Depth(1))
    }
    #expect(throws: InferenceError.contextFull(limit: 128)) {
      try session.evaluate(Array(repeating: 0, count: 129), steps: 0)
    }
    #expect(session.count == 0)
  }

  @Test func `the number of steps stays between the minimum and the maximum`() throws {
    var depth = Session.Depth(6, until: ExitCriterion(.kl, threshold: 1e9))
    var session = Session(model)
    #expect(try session.step(1, depth).steps == 1)
    depth.minimum = 4
    #expect(try session.step(2, depth).steps == 4)
    depth.criterion = ExitCriterion(.kl, threshold: 1e-30)
    let outcome = try session.step(3, depth)
    #expect(outcome.steps == 6)
    #expect(outcome.isExhausted)
  }

  @Test func `continuous compute starts from the last state`() throws {
    var session = Session(model, initialState: .continuous)
    var other = Session(model)
    let depth = Session.Depth(3)
    // The first token starts from zeros in both.
    #expect(try session.step(5, depth).logits == other.step(5, depth).logits)
    #expect(try session.step(6, depth).logits != other.step(6, depth).logits)
  }

  // MARK: - Cache

  @Test func `policies agree where every token has every slot`() throws {
    let expected = try logits(model, steps: 4)
    #expect(try logits(model, steps: 4, cache: .latest) == expected)
    #expect(try logits(model, steps: 4, cache: .share(slots: 16)) == expected)
    #expect(try logits(model, steps: 4, cache: .share(slots: 1000)) == expected)
    #expect(try logits(model, steps: 4, cache: .share(slots: 4)) == expected)
  }

  @Test func `one by one, a shared slot has the last recurrence of earlier tokens`() throws {
    func run(_ policy: CachePolicy) throws -> [Float] {
      var session = Session(model, cache: policy)
      var last: [Float] = []
      for token in tokens { last = try session.step(token, Session.Depth(6)).logits }
      return last
    }
    let full = try run(.full)
    #expect(try run(.share(slots: 24)) == full)
    let shared = try run(.share(slots: 4))
    #expect(shared != full)
    // Little is lost: the recurrence converges.
    #expect(zip(shared, full).allSatisfy { ($0 - $1).magnitude < 1 })
  }

  @Test func `a deeper token finds shallow ones by the policy`() throws {
    func run(_ policy: CachePolicy) throws -> [Float] {
      var session = Session(model, cache: policy)
      for token in tokens.dropLast() { _ = try session.step(token, Session.Depth(2)) }
      return try session.step(tokens[tokens.count - 1], Session.Depth(5)).logits
    }
    // In full the third recurrence attends to itself alone, in latest to all.
    #expect(try run(.full) != run(.latest))
  }

  @Test(
    arguments: [
      (.full, 32, 5_575_680), (.share(slots: 16), 32, 844_800), (.share(slots: 1000), 1, 337_920),
    ] as [(CachePolicy, Int, Int)])
  func `a token of the release takes the expected bytes of cache`(
    policy: CachePolicy, recurrences: Int, expected: Int
  ) throws {
    let config = try #require(HuginnConfig.parse(Array(ReleaseConfig.text.utf8)).config)
    #expect(
      Session.cacheByteCount(config, policy, tokens: 1, recurrences: recurrences) == expected)
  }

  @Test(arguments: ["", "Full", "share", "share:", "share:0", "share:-1", "share:x"])
  func `anything else is not a policy`(text: String) {
    #expect(CachePolicy(text) == nil)
    #expect(CachePolicy("share:16")?.description == "share:16")
    #expect(CachePolicy("full") == .full)
    #expect(CachePolicy("latest-m4") == .latest)
  }

  // MARK: - Packs

  @Test(arguments: ["f32", "bf16", "f16", "int8:row", "int8", "int4"])
  func `a pack runs as its checkpoint, except for what its encoding lost`(weights: String) throws {
    let directory = try TemporaryDirectory()
    let plan = try ConversionPlan(checkpoint, Recipe(weights: try Encoding(weights)))
    _ = try Converter(plan).write(
      to: directory("pack"), .init(tool: Manifest.Tool(name: "muninn", version: "test")))
    let packed = try logits(Model(StoredModel(path: directory("pack"))), steps: 8)
    let expected = try logits(model, steps: 8)
    let scale = expected.map(\.magnitude).max() ?? 1
    let worst = zip(packed, expected).reduce(0) { max($0, ($1.0 - $1.1).magnitude) } / scale
    switch weights {
    case "f32": #expect(packed == expected)
    case "f16": #expect(worst > 0 && worst < 0.01)
    case "int4": #expect(worst > 0 && worst < 1)
    default: #expect(worst > 0 && worst < 0.2)
    }
  }

  @Test func `a checkpoint with errors is not run`() throws {
    let directory = try TemporaryDirectory()
    let broken = try StoredModel(path: directory.path)
    #expect(throws: InferenceError.model(.refused(path: directory.path, broken.diagnostics))) {
      try Model(broken)
    }
  }
}
