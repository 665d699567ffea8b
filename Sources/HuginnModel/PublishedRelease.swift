/// The small files of the release, which distinguish a checkpoint from a look-alike.
///
/// `tomg-group-umd/huginn-0125`, revision bb6621b65e90b6a4b9b29ef88dc83866d450470c; the shards'
/// digests are not published here.
public enum PublishedRelease {
  /// What the release is called.
  public static let name = "tomg-group-umd/huginn-0125"

  /// The SHA-256 of each file, by name.
  public static let digests = [
    HuginnConfig.fileName: "e9fe79df06a783ca33a76038c59a715b6a62f15c4a5b17b9681e697fea46c79c",
    "generation_config.json": "3ed2b71c39d566df6ab667a2b843322cbafd2dd7dace7a27bc39dc7c3c3627ee",
    "model.safetensors.index.json":
      "a28061573e97ba3645b482c11d82ba903b40942de0113472b30afb5a3cf4c1eb",
    "special_tokens_map.json": "1291ad5fcb7b7628c3885a2d973f165d006cb87530ca368db90374dc9942224e",
    "tokenizer.json": "9cc201a5061b70aba0d227ef9766fcfe21e0989e0c0ba442b4d7732c4de12308",
    "tokenizer_config.json": "ff9e171e16f200e7865c27fa38e661722848ab665af1610d5bb2b62502d6cdcf",
  ]
}
