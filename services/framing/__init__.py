"""Framing: what the classifier says about a text, with its evidence.

ONNX Runtime's Linux builds report their use to its makers unless told otherwise before they
are imported; what a newsroom reads is nobody's business, so it is told here, first of all.
"""

import os

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
