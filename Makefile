# Orienta. Two commands suffice: `make run` and `make test`; each does its own set-up.
.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run chat train evaluate bench bench-nlu bench-public test check format messages lock

ORIENTA := .venv/bin/orienta
PYTHON := .venv/bin/python
LANGUAGES := es en pt fr ht qu

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-10s %s\n", $$1, $$2}'

setup: ## Build both environments
	@scripts/setup.sh app

setup-dev:
	@scripts/setup.sh dev

run: setup ## Start the assistant; web chat on http://localhost:8080
	@exec $(ORIENTA) run

chat: setup ## Chat in the terminal
	@exec $(ORIENTA) chat

train: setup ## Train the NLU model, if the examples changed
	@exec $(ORIENTA) train

evaluate: setup ## Measure understanding on the evaluation set
	@exec $(ORIENTA) evaluate tests/evaluation/questions.jsonl --emergencies tests/emergency \
	  --languages tests/language/short.jsonl --html var/evaluation.html --figures var/evaluation.json

bench-public: setup ## Measure the classifier on public sets: CLINC=data_full.json HINT3=dataset/v1
	@exec $(ORIENTA) bench-public $(if $(CLINC),--clinc "$(CLINC)") $(if $(HINT3),--hint3 "$(HINT3)")

bench-nlu: setup ## Measure speed beside stock Rasa (trains it first: a quarter of an hour or more)
	@exec $(ORIENTA) bench-nlu nlu/development/questions.jsonl

bench: setup-dev ## Measure the whole system under load beside stock Rasa (trains it first: long)
	@exec $(PYTHON) -m bench --json var/bench/load.json $(if $(DATABASE),--database "$(DATABASE)")

test: setup-dev ## Check the content and run all tests
	$(ORIENTA) content check
	$(PYTHON) -m pytest

check: setup-dev ## Lint, types, import rules, spelling
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/codespell

format: setup-dev ## Format the code
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

messages: setup-dev ## Collect the interface texts into locales/ for the translators
	.venv/bin/pybabel extract -F locales/babel.cfg -k Phrase -k Label --no-location --omit-header --sort-output -o var/orienta.pot .
	for l in $(LANGUAGES); do \
	  .venv/bin/pybabel update --no-fuzzy-matching --no-wrap --omit-header -i var/orienta.pot -D orienta -d locales -l $$l; \
	done

lock: setup-dev ## Pin the newest allowed versions, with hashes and without addresses
	for f in app dev; do .venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-annotate requirements/$$f.in -o requirements/$$f.txt; done
	.venv/bin/uv pip compile --quiet --upgrade --python-version 3.10 --generate-hashes \
	  --no-emit-index-url --no-annotate nlu/rasa/requirements.in -o nlu/rasa/requirements.txt
