# The pipeline in a box:
#   docker build --tag churnlab .
#   docker run --rm churnlab                                        runs telecom inside the image
#   docker run --rm --volume "$PWD:/project" churnlab repro         runs every study in this checkout
FROM python:3.11-slim-bookworm AS build
ARG UV_VERSION=0.13.9
RUN pip install --no-cache-dir "uv==${UV_VERSION}" && python -m venv /opt/venv
WORKDIR /project
COPY requirements.txt ./
RUN uv pip install --no-cache --python /opt/venv/bin/python \
      --require-hashes --compile-bytecode -r requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN uv pip install --no-cache --python /opt/venv/bin/python \
      --no-deps --no-build-isolation --editable .

FROM python:3.11-slim-bookworm
# Debian keeps one version of a package per release: a pinned one would soon be gone.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends git \
 && rm -rf /var/lib/apt/lists/* \
 && git config --system --add safe.directory /project \
 && useradd --create-home --uid 1000 churnlab \
 && install --directory --owner 1000 --group 1000 /project
COPY --from=build /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONHASHSEED=0 \
    PYTHONUNBUFFERED=1
USER 1000:1000
WORKDIR /project
COPY --chown=1000:1000 . .
# The image holds no Git history, and DVC must not look for one; a mounted checkout brings its own.
RUN printf '[core]\n    no_scm = true\n' > .dvc/config.local
ENTRYPOINT ["dvc"]
CMD ["repro", "report@telecom"]
