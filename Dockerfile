# Two images from one file: `bot` (the app) and `nlu` (the app and the NLU service's environment).
FROM python:3.12-slim AS bot
WORKDIR /app
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PATH=/app/.venv/bin:$PATH
COPY requirements/ requirements/
RUN python -m venv .venv \
    && .venv/bin/python -m pip install --no-cache-dir --require-hashes -r requirements/bootstrap.txt \
    && .venv/bin/uv pip install --no-cache --python .venv/bin/python --require-hashes -r requirements/app.txt
COPY . .
RUN .venv/bin/uv pip install --no-cache --python .venv/bin/python --no-deps --no-build-isolation --editable . \
    && useradd --system --home-dir /app orienta && mkdir -p var && chown orienta var
USER orienta
ENV ORIENTA_HOST=0.0.0.0 ORIENTA_LOG_FORMAT=json
EXPOSE 8080
CMD ["orienta", "run"]

FROM bot AS nlu
USER root
# uv brings a Python 3.10 of its own: Rasa allows none newer.
ENV UV_PYTHON_INSTALL_DIR=/opt/python
RUN .venv/bin/uv venv --python 3.10 nlu/rasa/.venv \
    && .venv/bin/uv pip install --no-cache --python nlu/rasa/.venv/bin/python --require-hashes -r nlu/rasa/requirements.txt
USER orienta
EXPOSE 5005
CMD ["orienta", "nlu", "--host", "0.0.0.0", "--port", "5005"]
