import StrictJSON

extension SignatureBundle {
  /// Reads a signature file, which may come from anywhere; no signature is checked here.
  ///
  /// - Throws: ``BundleError``.
  public init(parsing bytes: [UInt8]) throws(BundleError) {
    let document = try BundleError.reading(JSONObject(JSONValue(parsing: bytes)))
    var bundle = document
    let mediaType = try BundleError.reading(bundle.string("mediaType"))
    // Before anything else: another version may have other members.
    guard mediaType == Self.mediaType else { throw .mediaType(found: mediaType) }
    let hint = try Self.hint(in: &bundle)
    let envelope = try Self.envelope(in: &bundle)
    try BundleError.reading(bundle.finish())
    self.init(hint: hint, envelope: envelope)
  }

  /// The name of the key, from `verificationMaterial`.
  ///
  /// What a transparency log or a timestamp says is not looked at: a key vouches by itself.
  private static func hint(in bundle: inout JSONObject) throws(BundleError) -> String? {
    var material = try BundleError.reading(bundle.object("verificationMaterial"))
    for other in ["certificate", "x509CertificateChain"]
    where material.takeIfPresent(other) != nil {
      throw .notByKey(found: other)
    }
    return try BundleError.reading { () throws(JSONError) in
      var key = try material.object("publicKey")
      let hint = try key.stringIfPresent("hint")
      // Members that the package wrote before version 1.1.
      for obsolete in ["rawBytes", "keyDetails"] { _ = key.takeIfPresent(obsolete) }
      try key.finish()
      for unread in ["tlogEntries", "timestampVerificationData"] {
        _ = material.takeIfPresent(unread)
      }
      try material.finish()
      return hint
    }
  }

  private static func envelope(in bundle: inout JSONObject) throws(BundleError) -> Envelope {
    if bundle.takeIfPresent("messageSignature") != nil { throw .messageSignature }
    var envelope = try BundleError.reading(bundle.object("dsseEnvelope"))
    let type = try BundleError.reading(envelope.string("payloadType"))
    guard type == Envelope.statementType else { throw .payloadType(found: type) }
    let payload = try bytes("payload", of: &envelope)
    let entries = try BundleError.reading(envelope.objects("signatures"))
    guard (1...SignatureLimits.signatureCount).contains(entries.count) else {
      throw .signatureCount(entries.count)
    }
    let signatures = try entries.map { entry throws(BundleError) in
      var entry = entry
      let signature = try bytes("sig", of: &entry)
      try BundleError.reading { () throws(JSONError) in
        _ = try entry.stringIfPresent("keyid")
        try entry.finish()
      }
      return signature
    }
    try BundleError.reading(envelope.finish())
    return Envelope(payloadType: type, payload: payload, signatures: signatures)
  }

  /// The bytes of a member in base64.
  private static func bytes(
    _ key: String, of object: inout JSONObject
  ) throws(BundleError) -> [UInt8] {
    let text = try BundleError.reading(object.string(key))
    guard let bytes = Base64.decode(text) else { throw .notBase64(path: object.path(of: key)) }
    return bytes
  }
}
