"""What operators may count. No label ever tells who wrote or what."""

from prometheus_client import Counter, Histogram

RECEIVED = Counter("orienta_messages_received", "Messages stored in the inbox", ["channel"])
REFUSED = Counter("orienta_webhooks_refused", "Webhook requests refused", ["channel", "reason"])
TURNS = Counter("orienta_turns", "Turns taken", ["outcome"])
EMERGENCIES = Counter("orienta_emergency_cards", "Emergency cards shown", ["kind"])
TURN_SECONDS = Histogram("orienta_turn_seconds", "From claim to stored replies, in seconds")
SENT = Counter("orienta_messages_sent", "Messages that a platform accepted", ["channel"])
REPORTED = Counter(
    "orienta_messages_reported", "What platforms told later of messages", ["channel", "status"]
)
BILLABLE = Counter("orienta_messages_billable", "Sent messages that cost money", ["channel"])
FAILED = Counter("orienta_sends_failed", "Sends that failed", ["channel", "error"])
NLU_CACHE = Counter("orienta_nlu_cache", "Readings looked up among remembered ones", ["outcome"])
READ = Counter("orienta_readings", "Texts read, by whom", ["source"])
