"""Series on disk: finding, reading, preprocessing, caching, and phantoms."""
