# One image for every role (BACKSPACE_ROLE). docs/deploy/docker.md says how to run it, `npm run check:image` builds and tries it.
# The base is named by tag, so that a build takes the newest security fixes; pin the digest of the image that you deploy.

FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The base has Node, so the one of the lock file goes. Types, source maps and documentation serve nothing that runs; licences stay.
RUN npm ci --omit=dev --no-audit --no-fund \
 && rm -rf node_modules/node-linux-* node_modules/node-bin-* node_modules/node-darwin-* \
 && find node_modules -type f ! -iname '*licen[cs]e*' ! -iname '*notice*' \
      \( -name '*.ts' -o -name '*.mts' -o -name '*.cts' -o -name '*.map' -o -name '*.md' -o -name '*.tsbuildinfo' -o -name '.env*' \) -delete \
 && find node_modules -type d -empty -delete

FROM node:24-bookworm-slim
# The newest of Debian 12's stable packages: they change for security fixes only.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends bubblewrap ca-certificates git ripgrep tini \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt /var/log/apt /var/log/dpkg.log \
 && install -d -o 1000 -g 1000 -m 0700 /data
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY package.json LICENSE ./
COPY bin bin
COPY src src

ARG VERSION=unreleased
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Backspace" \
      org.opencontainers.image.description="A GitHub App that turns a comment, a label or an API call into a pull request with proof" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

# By number, so that Kubernetes can see that it is not root.
USER 1000:1000
# A container is reached from outside of it.
ENV HOST=0.0.0.0 PORT=3000 DATA_DIR=/data
EXPOSE 3000
VOLUME /data
# Every role listens on PORT. Node is there, curl is not.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Local sandboxes leave processes without a parent: tini takes them, and passes SIGTERM on.
ENTRYPOINT ["tini", "--"]
CMD ["node", "--max-semi-space-size=8", "src/start.js"]
