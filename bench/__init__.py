"""The whole system under load, beside a stock Rasa server: `make bench`."""
