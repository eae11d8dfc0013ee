# The image: Node and the program, and nothing else; no shell, no package manager, no files of development. Everything in it
# belongs to root and is read-only for the user that runs it.
#
#   docker build -t local-mtls-proxy .
#
# A build behind a registry of your own: --secret id=npmrc,src=$HOME/.npmrc. A release names the base image by digest.
ARG BASE=docker.io/library/node:24-bookworm-slim

FROM ${BASE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY scripts scripts
COPY src src
# The compiler alone: the tests are not in the context. Maps stay, so that a stack names the line of the source.
RUN ./node_modules/.bin/tsc -p . && ./node_modules/.bin/tsc -p src/admin/page/client && node scripts/bundle.mjs && node scripts/code-cache.mjs \
  && npm run --silent sbom >sbom.cdx.json
# What production needs, without what only a developer of those packages reads.
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc \
  npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund \
  && find node_modules -type f \( -name '*.d.ts' -o -name '*.d.cts' -o -name '*.d.mts' -o -name '*.map' -o -name '*.md' -o -name '*.html' \) \
    ! -iname 'licen[cs]e*' ! -iname 'notice*' -delete \
  && find node_modules -type d \( -name test -o -name tests -o -name docs -o -name benchmarks -o -name .github \) -prune -exec rm -r {} + \
  && rm -rf node_modules/.bin node_modules/.package-lock.json
# The root of the image: Node, the libraries that it is linked with, and the files by which a name is looked up.
RUN mkdir -p /image/app/dist /image/etc/mtls-proxy \
  && ldd /usr/local/bin/node | grep -o '/[^ ]*' | xargs cp -L --parents -t /image /usr/local/bin/node \
  && for package in libc6 libgcc-s1 libstdc++6; do cp -L --parents "/usr/share/doc/$package/copyright" /image; done \
  && if [ -e /usr/local/LICENSE ]; then cp --parents /usr/local/LICENSE /image; fi \
  && echo 'hosts: files dns' >/image/etc/nsswitch.conf \
  && echo 'mtls-proxy:x:10001:10001::/:/nonexistent' >/image/etc/passwd \
  && echo 'mtls-proxy:x:10001:' >/image/etc/group \
  && cp -r dist/src /image/app/dist/ && cp -r node_modules package.json sbom.cdx.json /image/app/
COPY LICENSE /image/app/

FROM scratch
COPY --from=build /image /
ENV NODE_ENV=production MTLS_PROXY_CONFIG=/etc/mtls-proxy/proxy.yaml PATH=/usr/local/bin
# A number, so that Kubernetes sees that it is not root; any other one works too (`--user`).
USER 10001:10001
# Mount the configuration and the files that it names at /etc/mtls-proxy, read-only. To be reached from outside of its network
# namespace the proxy must listen on more than loopback, which the configuration has to allow (`exposed: true`).
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "--disable-sigusr1", "/app/dist/src/main.js"]
CMD ["run"]
HEALTHCHECK --interval=30s --timeout=6s --start-period=10s CMD ["node", "/app/dist/src/main.js", "healthcheck"]
