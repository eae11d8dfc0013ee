# Base images are named by tag here; a release pins them by digest.

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY scripts scripts
COPY src src
RUN npm run build

FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM node:24-bookworm-slim
# Nothing is installed at run time, so no package manager is left to be attacked or to be patched.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /usr/local/bin/yarn* /opt/yarn*
ENV NODE_ENV=production
WORKDIR /app
COPY package.json LICENSE ./
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist/src dist/src
# The image's own user; root owns the files, so the proxy cannot change itself.
USER node
# Put the configuration and the files it names here, read-only. To be reached from outside of its network namespace it
# must listen on more than loopback, which the configuration has to allow (`exposed: true`).
VOLUME ["/etc/mtls-proxy"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "/app/dist/src/main.js"]
CMD ["run", "--config", "/etc/mtls-proxy/proxy.yaml"]
