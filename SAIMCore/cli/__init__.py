"""The command line: `saim ...`, one file a command."""
