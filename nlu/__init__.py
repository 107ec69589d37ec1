"""Understanding of what people write: language, emergency signs, and the ranked topics."""
