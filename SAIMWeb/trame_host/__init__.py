"""All that knows trame and trame-slicer, whose interfaces are not stable."""
