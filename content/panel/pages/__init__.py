"""The pages of the panel, one module for each thing that staff do."""
