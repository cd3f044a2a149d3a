# The service in a container: built on Debian 12, run on Debian 12 from the same package that a machine would install.
#
#   docker build -t sluice .
#   docker run -v /etc/sluice:/etc/sluice:ro -v sluice:/var/lib/sluice -p 127.0.0.1:8008:8008 sluice
#   docker run --rm -v sluice:/var/lib/sluice sluice serve token add ann --role operator --state /var/lib/sluice
FROM debian:12-slim AS build
COPY . /src
WORKDIR /src
# ./dev knows what building needs; Node makes the dashboard, dpkg-dev the package. Where npm cannot fetch the dashboard's
# packages, the build would only warn and leave it out: no image is better.
RUN apt-get update \
 && apt-get install -y --no-install-recommends nodejs npm dpkg-dev file \
 && npm --prefix web ci --no-audit --no-fund \
 && ./dev build \
 && cpack --config build/release/CPackConfig.cmake -B /packages

FROM debian:12-slim
COPY --from=build /packages/sluice_*.deb /tmp/
RUN apt-get update \
 && apt-get install -y --no-install-recommends /tmp/sluice_*.deb \
 && rm -rf /tmp/sluice_*.deb /var/lib/apt/lists/* \
 && useradd --system --no-create-home --shell /usr/sbin/nologin sluice \
 && install -d -o sluice -g sluice -m 0700 /var/lib/sluice \
 && install -d /etc/sluice
USER sluice
VOLUME /var/lib/sluice
EXPOSE 8008
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/bin/sluice"]
# Beyond this container only through a proxy that speaks TLS; or give --tls-certificate and --tls-key instead.
CMD ["serve", "--configs", "/etc/sluice", "--state", "/var/lib/sluice", "--listen", "0.0.0.0:8008", "--behind-proxy", "--log", "json"]
