"""WhatsApp's Cloud API: its channel, templates and rules."""
