"""The annotation campaign of a project, without any toolkit: what a panel shows and does."""
