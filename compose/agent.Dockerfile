# The agent with an nginx of its own. Built from the repository's root after `npm ci` and `npm run build:agent`;
# compose/README.md has the commands.

# Any image with Debian's apt: the packages below come from there, Node and the agent from the build context.
ARG BASE_IMAGE=debian:bookworm-slim
FROM ${BASE_IMAGE}

# Debian's nginx starts by itself when it is installed; here only the agent starts it, with its own prefix.
RUN printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d \
  && chmod +x /usr/sbin/policy-rc.d \
  && apt-get update \
  && apt-get install --yes --no-install-recommends libatomic1 libstdc++6 nginx tini \
  && rm -rf /var/lib/apt/lists/* /etc/nginx/sites-enabled/*

# The binary that the lock file pins, so that an image runs what the tests ran.
COPY node_modules/node/bin/node /usr/local/bin/node
COPY agent/dist/flotilla-agent.mjs agent/dist/flotilla-agent.mjs.map /opt/flotilla/

# nginx cannot outlive its container: ending it in order lets requests finish.
ENV NODE_ENV=production \
    MALLOC_ARENA_MAX=1 \
    FLOTILLA_STOP_PROXY_ON_EXIT=true

# The agent's id and keys, and the configuration that nginx serves while the Core is away.
VOLUME /var/lib/flotilla-agent

# nginx's master leaves its parent, so somebody has to be process 1 for it; node does not reap.
# The flags keep the agent small; compose/README.md says what each is worth.
ENTRYPOINT ["/usr/bin/tini", "--", "/usr/local/bin/node", \
  "--max-semi-space-size=1", "--no-opt", "--no-maglev", "--no-sparkplug", \
  "--bytecode-old-age=1", "--no-incremental-marking", "--expose-gc", \
  "/opt/flotilla/flotilla-agent.mjs"]
