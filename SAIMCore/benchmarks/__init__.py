"""The speed figures of ``saim bench``: each is a ratio of two things measured in turns."""
