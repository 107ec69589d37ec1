"""The panel: where staff write, translate, review and publish, in a browser."""
