"""What the libraries are to find in the environment, before any of them is imported: no network, no home, no bars."""
import os
import tempfile

# Removed with this name, at the end.
home = tempfile.TemporaryDirectory()
os.environ |= {
    "HF_HOME": home.name, "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_UPDATE_CHECK": "1", "TOKENIZERS_PARALLELISM": "false", "TRANSFORMERS_VERBOSITY": "error"}
# A proxy would be asked for the loopback too.
for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
    os.environ.pop(name, None)
    os.environ.pop(name.lower(), None)
