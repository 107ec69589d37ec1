"""The desk: cases of persons who asked for a human, and what staff do with them."""
