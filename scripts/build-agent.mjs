// `npm run build:agent`: the agent in one file, for images and bare hosts. Each host pays for what this file holds, so it
// holds what the agent uses and no more; compose/README.md has the figures.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { dirname } from 'node:path';
import { build } from 'esbuild';

/**
 * Libraries of libraries that the agent never calls. dockerode also reaches Docker by SSH (with native add-ons that would
 * have to lie beside the bundle) and builds images (gRPC, protobuf, tar); the agent talks HTTP to the local socket. pino
 * writes from a worker thread when it has transports; the agent's lines go to standard output. The agent publishes to
 * streams by plain NATS.
 */
const UNUSED =
  /^(@nats-io\/jetstream|ssh2|@grpc\/(grpc-js|proto-loader)|protobufjs|tar-fs|@balena\/dockerignore|thread-stream)(\/.*)?$/;
const withoutUnused = {
  name: 'without-unused',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: UNUSED }, ({ path }) => ({ path, namespace: 'without-unused' }));
    onLoad({ filter: /.*/, namespace: 'without-unused' }, () => ({ contents: 'module.exports = {};', loader: 'js' }));
  },
};

/**
 * Node's own modules by `require`. An `import` of one reads all of its properties for the named exports, and that runs
 * getters: `node:http` then loads all of undici for its `WebSocket`, 14 MB of resident memory that nobody uses.
 */
const builtinsByRequire = {
  name: 'builtins-by-require',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[\w:/]+$/ }, ({ path, kind, namespace }) => {
      const isWrapped = kind === 'import-statement' || LOADED_WHEN_USED.has(path.replace('node:', ''));
      return isWrapped && namespace !== 'builtin' && isBuiltin(path) ? { path, namespace: 'builtin' } : undefined;
    });
    onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: LOADED_WHEN_USED.has(path.replace('node:', ''))
        ? renderLoadedWhenUsed(path)
        : `module.exports = require(${JSON.stringify(path)});`,
    }));
  },
};

/** An agent that speaks HTTP to its Core and plain NATS to the bus needs no TLS: 2 MB. With `https://` it is loaded. */
const LOADED_WHEN_USED = new Set(['https', 'tls']);

/** A module whose members load it. One that is set (docker-modem inherits from the module and does so) stays the setter's. */
function renderLoadedWhenUsed(path) {
  const from = `require(${JSON.stringify(path)})`;
  const members = Object.keys(createRequire(import.meta.url)(path)).map(
    (name) => `get ${name}() { return ${from}.${name}; },
      set ${name}(value) { Object.defineProperty(this, '${name}', { value, writable: true, configurable: true }); }`,
  );
  return `module.exports = { ${members.join(',\n')} };`;
}

/** Asking whether a socket is one of TLS would load TLS; `encrypted` says the same (Node: tlsSocket.encrypted). */
const askEncrypted = {
  name: 'ask-encrypted',
  setup({ onLoad }) {
    onLoad({ filter: /transport-node\/lib\/node_transport\.js$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      const contents = source.replace('this.socket instanceof node_tls_1.TLSSocket', 'this.socket.encrypted === true');
      if (contents === source) throw new Error(`${path} has changed: what asks for TLS there?`);
      return { contents, loader: 'js' };
    });
  },
};

/**
 * `import { z }` takes zod's whole namespace, which esbuild cannot shake: 50 languages and JSON Schema in both directions.
 * `import * as z` of the same module it can. And it keeps every schema of the contracts, because making one might do
 * something else as well; here it does not.
 */
const shakenSchemas = {
  name: 'shaken-schemas',
  setup({ onLoad }) {
    onLoad({ filter: /\/(contracts|runtime|traffic|agent)\/src\/.*\.ts$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8').replace(/^import \{ z \} from 'zod';$/m, "import * as z from 'zod';");
      return { contents: /\/(contracts|traffic)\//.test(path) ? markPure(source) : source, loader: 'ts' };
    });
  },
};

/** Constants of a module, each from its name to the semicolon behind which the next statement begins, at the margin. */
const CONSTANT = /^((?:export )?const \w+(?:: [^=\n]+)? =)\s([^]*?;)(?=\n+[^\s)\]}]|\s*$(?![^]))/gm;

/** A constant that nobody uses goes: what makes it is a call without side effects, by the word of this comment. */
function markPure(source) {
  return source.replaceAll(
    CONSTANT,
    (_, begin, value) => `${begin} /* @__PURE__ */ (() => (${value.slice(0, -1)}))();`,
  );
}

// CommonJS libraries inside an ES module still expect these names. The aliases keep clear of names that a bundled
// module may import itself.
const commonJsNames = `
import { createRequire as bundleCreateRequire } from 'node:module';
const require = bundleCreateRequire(import.meta.url);
const __dirname = import.meta.dirname;
const __filename = import.meta.filename;
`;

const [entry = 'agent/src/main.ts', outfile = 'agent/dist/flotilla-agent.mjs'] = process.argv.slice(2);
const { outputFiles } = await build({
  entryPoints: [entry],
  outfile,
  write: false,
  // docker-modem brings the copy of Node's streams that browsers use.
  alias: { 'readable-stream': 'node:stream' },
  bundle: true,
  platform: 'node',
  target: 'node22',
  format: 'esm',
  banner: { js: commonJsNames.trim() },
  plugins: [withoutUnused, builtinsByRequire, askEncrypted, shakenSchemas],
  // Names and lines stay, so that a stack trace says something without the map. Node reads the map only when it is
  // started with --enable-source-maps.
  minifySyntax: true,
  minifyWhitespace: true,
  lineLimit: 160,
  legalComments: 'none',
  sourcemap: 'linked',
  sourcesContent: false,
  logLevel: 'warning',
});
mkdirSync(dirname(outfile), { recursive: true });
for (const { path, text } of outputFiles) writeFileSync(path, path.endsWith('.map') ? text : escapeNonAscii(text));
console.log(`${outfile}: ${((outputFiles.at(-1)?.text.length ?? 0) / 2 ** 20).toFixed(1)} MiB`);

/** esbuild leaves regular expressions as they are, and one letter outside of Latin-1 doubles what V8 keeps of the source. */
function escapeNonAscii(source) {
  return source.replaceAll(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
