# Both apps, from the same layers: the targets are `listener` and `workflow-executor`.
#
# Nothing of ours differs between architectures, so what builds runs on the builder's own and an image for another
# one needs no emulation: docker buildx build --platform linux/amd64,linux/arm64 --target listener .
#
# The bases are named by digest, so that the same commit gives the same image. To move them: docs/operations.md,
# "The image".
ARG NODE_IMAGE=node:26.10.0-trixie-slim@sha256:ec7758ee051e457b468b32bde57b0879010b325bb9862718e9615225ce4aaae1
ARG DEBIAN_IMAGE=debian:trixie-slim@sha256:a29215f6a35e51e22adffa17f89e9d2ef06214e64a2bad10d765c46aea49f11f

FROM --platform=$BUILDPLATFORM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY apps apps
COPY libs libs
COPY packages packages
COPY tools tools
# With the options of the images, so that V8 can use there what it compiles of the apps here.
RUN NODE_OPTIONS=--max-semi-space-size=16 npm run build

FROM --platform=$BUILDPLATFORM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# What is installed, as CycloneDX, goes into the image beside it.
RUN npm ci --omit=dev --workspaces=false --no-audit --no-fund \
  && npm sbom --omit=dev --workspaces=false --package-lock-only --sbom-format=cyclonedx > sbom.cdx.json

# What the image has of Debian's besides its base, for the platform of the image.
# tini: as process 1 a program that has not asked for a signal yet never gets it, and a stop just after the start
# would wait for the kill; an init passes it on, whenever it comes. libatomic1: Node needs it since 25.
FROM --platform=$BUILDPLATFORM ${NODE_IMAGE} AS packages
ARG TARGETARCH
WORKDIR /packages
RUN dpkg --add-architecture "${TARGETARCH}" && apt-get update \
  && apt-get download "tini:${TARGETARCH}" "libatomic1:${TARGETARCH}" \
  && for package in *.deb; do dpkg -x "$package" root; done

# For the platform of the image, and only copied from.
FROM ${NODE_IMAGE} AS node

# Node without npm, yarn and headers. No RUN from here on: it would need the target's processor.
FROM ${DEBIAN_IMAGE} AS runtime
# In a container V8 gives new objects a share of its memory: 3 MiB of 512, so that it collects them without end. These
# 16 MiB are what a process outside of one has; a sixth less CPU time an event (docs/operations.md, "Sizing").
ENV NODE_ENV=production NODE_OPTIONS=--max-semi-space-size=16
WORKDIR /app
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=packages /packages/root/usr/lib /usr/lib
COPY --from=packages /packages/root/usr/bin/tini-static /usr/local/bin/tini
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist/bundles dist/bundles
COPY --from=dependencies /app/sbom.cdx.json ./
COPY package.json LICENSE ./
# Nothing is written: run it with a read-only root file system.
# By number, so that Kubernetes can tell that it is not root.
USER 1000:1000
ENTRYPOINT ["tini", "--"]
# The commit that it is built from; docker build --build-arg REVISION="$(git rev-parse HEAD)"
ARG REVISION=unknown
LABEL org.opencontainers.image.vendor="Flow Eventing" \
  org.opencontainers.image.version="0.1.0" \
  org.opencontainers.image.revision="${REVISION}" \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.base.name="docker.io/library/debian:trixie-slim"

FROM runtime AS workflow-executor
LABEL org.opencontainers.image.title="flow-workflow-executor" \
  org.opencontainers.image.description="Runs the workflows of events, and serves the API"
EXPOSE 7730 7731
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.OPERATIONS_PORT || 7731) + '/health/live').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--enable-source-maps", "dist/bundles/workflow-executor/main.js"]

# The last one is what a build without a target makes.
FROM runtime AS listener
LABEL org.opencontainers.image.title="flow-listener" \
  org.opencontainers.image.description="Takes events over HTTP: CloudEvents and webhooks"
EXPOSE 7720 7721
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.OPERATIONS_PORT || 7721) + '/health/live').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--enable-source-maps", "dist/bundles/listener/main.js"]
