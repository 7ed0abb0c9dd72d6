# The page for any machine with Docker: docker build -t fontdemo . && docker run -p 7860:7860 -v fontdemo:/data fontdemo
FROM python:3.11-slim-bookworm

WORKDIR /app
RUN useradd --create-home --uid 1000 page && install -d -o page /data

# The fonts to train on.
COPY packages.txt ./
RUN apt-get update && xargs apt-get install -y --no-install-recommends < packages.txt && rm -rf /var/lib/apt/lists/*

# Torch for the CPU. With CUDA: --build-arg PIP_EXTRA_INDEX_URL=
ARG PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu PIP_NO_CACHE_DIR=1
COPY requirements.txt requirements.lock ./
RUN python3 -m venv .venv && .venv/bin/pip install "$(grep ^torch requirements.txt)"
RUN .venv/bin/pip install --require-hashes -r requirements.lock
# The README's command finds all of it there.
RUN python3 -m venv .venv && .venv/bin/pip install -r requirements.txt

COPY . .
USER page
ENV GRADIO_SERVER_NAME=0.0.0.0 FONTDEMO_RUNS=/data/runs
VOLUME /data
EXPOSE 7860
CMD [".venv/bin/python", "app.py"]
