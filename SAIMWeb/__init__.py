"""SAIM in the browser: the engine, its click effect and its campaigns on trame-slicer."""
