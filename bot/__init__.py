"""The conversation, its channels and the process around them."""
