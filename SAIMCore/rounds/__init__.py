"""SAIM rounds: train in the background, evaluate, publish, restore, advise."""
