"""Training of the shared model: data generation, losses, augmentation, the trainer."""
