"""Pages that need no script: topics, articles, posters."""
