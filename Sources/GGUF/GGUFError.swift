public import FileAccess

/// Why a GGUF file was refused.
public typealias GGUFError = FormatError<GGUFFault>
