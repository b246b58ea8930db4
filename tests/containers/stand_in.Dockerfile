# Plays the official images of ZooKeeper and HAProxy, from Debian's packages, with what the manifests and compose.yaml
# expect of those: user 1000, /data, zkServer.sh on the PATH; haproxy's configuration file in /usr/local/etc.
FROM debian:bookworm-slim
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends zookeeper haproxy \
    && rm -rf /var/lib/apt/lists/*
RUN mkdir -p /data /var/log/zookeeper && chown 1000:1000 /data /var/log/zookeeper
ENV PATH=/usr/share/zookeeper/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
VOLUME ["/data"]
CMD ["haproxy", "-f", "/usr/local/etc/haproxy/haproxy.cfg"]
