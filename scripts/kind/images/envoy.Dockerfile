# Where no registry has envoyproxy/envoy: the release build from PyPI, laid out as the official image is.
ARG BASE
FROM ${BASE}
COPY envoy /usr/local/bin/envoy
COPY entrypoint /docker-entrypoint.sh
RUN mkdir -p /etc/envoy
USER 101:101
EXPOSE 10000
ENTRYPOINT ["/docker-entrypoint.sh"]
CMD ["envoy", "-c", "/etc/envoy/envoy.yaml"]
