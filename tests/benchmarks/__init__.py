"""Speed and memory, measured against what people would use instead."""
