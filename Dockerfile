# The shop as an image: web, worker, backup and every other `tacit` command. PostgreSQL runs elsewhere.
FROM python:3.11-slim-bookworm AS build
# The same uv as bin/demo and bin/test use.
RUN pip install --no-cache-dir --disable-pip-version-check uv==0.13.9
ENV UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1
WORKDIR /srv/tacit
COPY pyproject.toml uv.lock README.md LICENSE ./
# What the lock file says first, the shop after it: a change of the shop does not install everything anew.
RUN uv sync --frozen --no-dev --no-install-project
COPY src ./src
RUN uv sync --frozen --no-dev --no-editable

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --user-group --home-dir /var/lib/shop --shell /usr/sbin/nologin shop \
    && install --directory --owner=shop --group=shop --mode=0700 /var/lib/shop
COPY --from=build /srv/tacit/.venv /srv/tacit/.venv
ENV PATH=/srv/tacit/.venv/bin:$PATH PYTHONUNBUFFERED=1 TACIT_HOME=/var/lib/shop TACIT_LOG=json
WORKDIR /var/lib/shop
USER shop
VOLUME /var/lib/shop
EXPOSE 8000
# Whether the process answers; whether the shop is whole is /readyz, for monitors.
HEALTHCHECK --interval=15s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
CMD ["tacit", "serve", "--host", "0.0.0.0", "--port", "8000"]
