# The broker and the command line clients in one image. Needs no BuildKit.

# Where it is built; a base with a filled compiler cache makes that quick (tests/containers).
ARG BUILD_IMAGE=debian:bookworm-slim

FROM ${BUILD_IMAGE} AS build
WORKDIR /src
COPY scripts/packages/build.txt scripts/packages/
RUN apt-get update \
    && sed '/^#/d' scripts/packages/build.txt | DEBIAN_FRONTEND=noninteractive xargs apt-get install -y --no-install-recommends \
    && rm -rf /var/lib/apt/lists/*
COPY . .
RUN ./automateBuild.sh build --no-install \
    && DESTDIR=/installed cmake --install build --prefix /usr --strip \
    && rm -rf /installed/usr/lib/systemd

FROM debian:bookworm-slim
COPY scripts/packages/runtime.txt /tmp/
RUN apt-get update \
    && sed '/^#/d' /tmp/runtime.txt | DEBIAN_FRONTEND=noninteractive xargs apt-get install -y --no-install-recommends \
    && rm -rf /var/lib/apt/lists/* /tmp/runtime.txt \
    && groupadd --gid 10001 mqttzoo \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir / --shell /usr/sbin/nologin mqttzoo
COPY --from=build /installed/ /
USER 10001:10001
EXPOSE 1883 7883 8080
ENTRYPOINT ["/usr/bin/mqttzoo"]
