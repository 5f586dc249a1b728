"""gradio-curl: call any Gradio app from the shell."""

__version__ = "0.2.0"
