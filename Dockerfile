# The server with its Swift runtime linked in, on a small Debian with the two C libraries it needs.

FROM swift:6.3-bookworm AS build
RUN apt-get update -q \
    && apt-get install -y -q --no-install-recommends \
        libfast-float-dev libssl-dev zlib1g-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
# The dependencies come first: they are fetched again only when the manifest changes.
COPY Package.swift ./
RUN swift package resolve
COPY . .
RUN swift build -c release --product headserve --static-swift-stdlib \
    && binaries=$(swift build -c release --product headserve --static-swift-stdlib --show-bin-path) \
    && install -D "$binaries/headserve" /image/usr/local/bin/headserve \
    && cp -rL "$binaries/HeadServe_headserve.resources" /image/usr/local/bin/ \
    && mv /image/usr/local/bin/HeadServe_headserve.resources/Models /image/models \
    && ln -s /models /image/usr/local/bin/HeadServe_headserve.resources/Models \
    && chmod -R a+rX /image

FROM debian:bookworm-slim
RUN apt-get update -q \
    && apt-get install -y -q --no-install-recommends \
        libssl3 zlib1g libstdc++6 ca-certificates \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /image/ /
ENV HEADSERVE_HOST=::
EXPOSE 8080
USER 65532:65532
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD ["/usr/local/bin/headserve", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/headserve"]
