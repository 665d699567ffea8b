public import FileAccess

/// Why a safetensors file was refused.
public typealias SafetensorsError = FormatError<HeaderFault>
