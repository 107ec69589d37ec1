"""What the pages about answers show: lists, sections, hints, differences, conflicts."""
