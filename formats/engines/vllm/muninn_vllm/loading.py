"""Loads a checkpoint, or says everything that keeps it from fitting."""

from vllm.model_executor.model_loader.weight_utils import default_weight_loader


def load(parameters, weights):
    """Fills `parameters`, a dictionary by name, from `weights`, pairs of a name and a tensor.

    vLLM itself does not look for gaps in a quantized checkpoint: a layer whose scales are
    missing would run on whatever was in memory. So one fault is enough to refuse.
    """
    missing = dict(parameters)
    faults = []
    for name, tensor in weights:
        parameter = missing.pop(name, None)
        if parameter is None:
            why = "is stored twice" if name in parameters else "has no parameter in the model"
            faults.append(f"tensor '{name}' {why}")
        elif fault := misfit(parameter, tensor):
            faults.append(f"tensor '{name}': {fault}")
        else:
            loader = getattr(parameter, "weight_loader", default_weight_loader)
            loader(parameter, tensor)
    faults += [
        f"parameter '{name}', {described(parameter)}, was not loaded"
        for name, parameter in missing.items()
    ]
    if faults:
        raise ValueError(
            f"The checkpoint does not fit the model (is a pattern under 'ignore' or 'targets' of "
            f"its 'quantization_config' wrong?), {len(faults)} faults:\n  " + "\n  ".join(faults)
        )


def misfit(parameter, tensor):
    """What is wrong with `tensor`, or nothing. Floats are converted to the engine's dtype; codes
    and what is packed must have their own."""
    same_dtype = tensor.dtype == parameter.dtype
    both_float = tensor.is_floating_point() and parameter.is_floating_point()
    if parameter.shape == tensor.shape and (same_dtype or both_float):
        return None
    return f"expected {described(parameter)}, found {described(tensor)}"


def described(tensor):
    return f"{str(tensor.dtype).removeprefix('torch.')} {list(tensor.shape)}"
