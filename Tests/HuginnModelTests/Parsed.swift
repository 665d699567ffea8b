import HuginnModel
import TestSupport
import Testing

extension ConfigText {
  /// The config, where the text has no error and nothing worth a finding.
  func config(sourceLocation: SourceLocation = #_sourceLocation) throws -> HuginnConfig {
    let (config, diagnostics) = HuginnConfig.parse(bytes)
    #expect(diagnostics == [], sourceLocation: sourceLocation)
    return try #require(config, sourceLocation: sourceLocation)
  }

  /// What is found wrong, where no config comes of the text.
  func faults(sourceLocation: SourceLocation = #_sourceLocation) -> [Diagnostic] {
    let (config, diagnostics) = HuginnConfig.parse(bytes)
    #expect(config == nil, sourceLocation: sourceLocation)
    return diagnostics
  }
}
