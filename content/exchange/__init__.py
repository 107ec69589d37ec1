"""The content as files: out, in, and as drafts."""
