"""Products in ggml, through its shared libraries."""
import contextlib
import ctypes
import os

TYPES = {"F32": 0, "Q4_0": 2, "Q8_0": 8}
#: What a build uses, the widest first; ggml decides when it is compiled.
LEVELS = ["amx_int8", "avx512_vnni", "avx512", "avx_vnni", "avx2", "matmul_int8", "dotprod", "neon"]


class Parameters(ctypes.Structure):
    _fields_ = [("mem_size", ctypes.c_size_t), ("mem_buffer", ctypes.c_void_p), ("no_alloc", ctypes.c_bool)]


class Library:
    def __init__(self, directory):
        self.base, self.cpu = (
            ctypes.CDLL(os.path.join(directory, name), mode=ctypes.RTLD_GLOBAL)
            for name in ["libggml-base.so", "libggml-cpu.so"])
        pointer, size, integer = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int
        for owner, name, result, *arguments in [
            (self.base, "ggml_version", ctypes.c_char_p),
            (self.base, "ggml_init", pointer, Parameters),
            (self.base, "ggml_free", None, pointer),
            (self.base, "ggml_new_tensor_2d", pointer, pointer, integer, ctypes.c_int64, ctypes.c_int64),
            (self.base, "ggml_mul_mat", pointer, pointer, pointer, pointer),
            (self.base, "ggml_nbytes", size, pointer),
            (self.base, "ggml_new_graph", pointer, pointer),
            (self.base, "ggml_build_forward_expand", None, pointer, pointer),
            (self.base, "ggml_backend_alloc_ctx_tensors_from_buft", pointer, pointer, pointer),
            (self.base, "ggml_backend_buffer_free", None, pointer),
            (self.base, "ggml_backend_tensor_set", None, pointer, pointer, size, size),
            (self.base, "ggml_backend_cpu_buffer_type", pointer),
            (self.base, "ggml_backend_buft_name", ctypes.c_char_p, pointer),
            (self.base, "ggml_backend_reg_dev_get", pointer, pointer, size),
            (self.base, "ggml_backend_reg_get_proc_address", pointer, pointer, ctypes.c_char_p),
            (self.cpu, "ggml_backend_cpu_reg", pointer),
            (self.cpu, "ggml_graph_compute_with_ctx", integer, pointer, pointer, integer),
            (self.cpu, "ggml_cpu_init", None),
        ]:
            function = getattr(owner, name)
            function.restype, function.argtypes = result, arguments
        self.cpu.ggml_cpu_init()
        self.version = self.base.ggml_version().decode()
        self.level = next((level for level in LEVELS if getattr(self.cpu, f"ggml_cpu_has_{level}")()), "baseline")

    def repacking(self):
        """The type of buffers whose weights ggml lays out anew for its widest kernels."""
        registry = self.cpu.ggml_backend_cpu_reg()
        address = self.base.ggml_backend_reg_get_proc_address(registry, b"ggml_backend_dev_get_extra_bufts")
        types = ctypes.CFUNCTYPE(ctypes.POINTER(ctypes.c_void_p), ctypes.c_void_p)(address)(
            self.base.ggml_backend_reg_dev_get(registry, 0))
        for kind in types:
            if not kind:
                raise SystemExit("this ggml does not repack weights")
            if self.base.ggml_backend_buft_name(kind) == b"CPU_REPACK":
                return kind

    @contextlib.contextmanager
    def product(self, kind, rows, columns, vectors, threads, repacked):
        """A function that multiplies a matrix with vectors."""
        base = self.base
        # Tensors of one context lie in one buffer, so that weights have a context of their own.
        contexts = [base.ggml_init(Parameters(size, None, no_alloc)) for size, no_alloc in [
            (1 << 20, True), (1 << 20, True), (256 << 20, False)]]
        weights = base.ggml_new_tensor_2d(contexts[0], TYPES[kind], columns, rows)
        vector = base.ggml_new_tensor_2d(contexts[1], TYPES["F32"], columns, vectors)
        buffers = [
            base.ggml_backend_alloc_ctx_tensors_from_buft(context, buffer_type) for context, buffer_type in [
                (contexts[0], self.repacking() if repacked else base.ggml_backend_cpu_buffer_type()),
                (contexts[1], base.ggml_backend_cpu_buffer_type())]]
        # Bytes that are small finite scales and codes, and vectors.
        for tensor, byte in [(weights, b"\x11"), (vector, b"\x3c")]:
            size = base.ggml_nbytes(tensor)
            base.ggml_backend_tensor_set(tensor, byte * size, 0, size)
        graph = base.ggml_new_graph(contexts[2])
        base.ggml_build_forward_expand(graph, base.ggml_mul_mat(contexts[2], weights, vector))

        def multiply():
            if self.cpu.ggml_graph_compute_with_ctx(contexts[2], graph, threads):
                raise SystemExit("the graph was not computed")

        yield multiply
        for buffer in buffers:
            base.ggml_backend_buffer_free(buffer)
        for context in contexts:
            base.ggml_free(context)
