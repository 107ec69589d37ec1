"""The components of our own inside Rasa. Python 3.10; only `faq_intent_classifier` knows Rasa."""
