"""Public intent sets: read, answered by our classifier, and scored. None is shipped."""
