# Heddle's images, from whatever Debian-like base is given:
#   heddle   the control plane; also the init container that leads a pod's traffic into its sidecar
#   sample   the web server of manifests/samples, which knows nothing of the mesh
# The build argument VERSION is what `heddle --version`, the log and the metric heddle_build_info say.
# `make image` prepares the folder that is built from (scripts/image/prepare.sh) and needs no network where BASE has iptables and iproute2.
ARG BASE=debian:bookworm-slim

FROM ${BASE} AS trimmed
RUN { command -v iptables-restore && command -v ip; } >/dev/null \
  || { apt-get update && apt-get install -y --no-install-recommends iptables iproute2; }
# What neither Node nor iptables needs: package management, Perl, what speaks to the network, character sets, documentation.
RUN cd /usr \
  && rm -rf bin/curl bin/openssl bin/apt* bin/dpkg* bin/deb* bin/perl* sbin/conntrack* lib/apt lib/dpkg lib/*/perl-base lib/*/gconv \
    lib/*/libapt-* lib/*/libcurl* lib/systemd lib/udev \
    share/doc share/info share/locale share/man share/perl5 share/bash-completion share/zoneinfo \
    /var/lib/apt /var/lib/dpkg /var/cache /var/log/*

FROM scratch AS node
COPY --from=trimmed / /
COPY node /usr/local/bin/node
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

FROM node AS sample
WORKDIR /sample
COPY sample ./
USER 65532:65532
CMD ["node", "e2e/apps/echo.mjs"]

FROM node AS heddle
COPY heddle /opt/heddle
# What Node compiles at a start is kept in the image: the file system is read-only later. Node keeps it by user, and looks for nobody
# else's: the control plane's user finds what root compiled (which the init container of pods reads) under its own name.
RUN ln -s /opt/heddle/bin/heddle /usr/local/bin/heddle \
  && NODE_COMPILE_CACHE=/opt/heddle/compiled heddle --help >/dev/null \
  && cd /opt/heddle/compiled && chmod -R a+rX . && for own in *-0; do ln -s "$own" "${own%-0}-65532"; done
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title=heddle org.opencontainers.image.version=${VERSION}
ENV HEDDLE_VERSION=${VERSION}
# No user of its own is needed; interception alone runs as root, in an init container that says so.
USER 65532:65532
ENTRYPOINT ["heddle"]
CMD ["serve", "--kubernetes"]
