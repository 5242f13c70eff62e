# The gateway as an image: docker build -t openclaw-stack . (docs/deploy.md says how to run it)

FROM node:24-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build

FROM node:24-bookworm-slim
# What an agent's tools are likely to call; the gateway itself needs Node alone.
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates curl git \
  && rm -rf /var/lib/apt/lists/*
COPY --from=build /src/dist /app
# Any user may run it: `docker run -u 12345` has the group 0, and so have the users of OpenShift.
RUN ln -s /app/openclaw.cjs /usr/local/bin/openclaw \
  && mkdir /app/data \
  && chgrp 0 /app/data \
  && chmod 0770 /app/data
# Kubernetes leaves no file by which a container could be told, so the image says it.
ENV OPENCLAW_IN_CONTAINER=1 HOME=/app/data
# Config, token, sessions and workspace. A named volume survives a new image.
VOLUME /app/data
EXPOSE 18789 3001
USER 1000:0
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 CMD ["openclaw", "health", "--check"]
ENTRYPOINT ["/app/container/entrypoint.sh"]
