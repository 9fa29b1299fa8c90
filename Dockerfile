# syntax=docker/dockerfile:1
# Both apps, from the same layers: the targets are `listener` and `workflow-executor`.

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY nest-cli.json tsconfig.base.json tsconfig.json ./
COPY apps apps
COPY libs libs
RUN npm run build

FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --no-audit --no-fund

FROM node:24-bookworm-slim AS runtime
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
# Nothing is written: run it with a read-only root file system.
# The user `node`, by number, so that Kubernetes can tell that it is not root.
USER 1000

FROM runtime AS workflow-executor
EXPOSE 7730 7731
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.OPERATIONS_PORT || 7731) + '/health/live').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/apps/workflow-executor/apps/workflow-executor/src/main.js"]

# The last one is what a build without a target makes.
FROM runtime AS listener
EXPOSE 7720 7721
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.OPERATIONS_PORT || 7721) + '/health/live').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/apps/listener/apps/listener/src/main.js"]
