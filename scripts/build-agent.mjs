// `npm run build:agent`: the agent in one file, for images and bare hosts. Stripping types at start would cost each
// host about 18 MB of resident memory.
import { statSync } from 'node:fs';
import { build } from 'esbuild';

/**
 * dockerode also reaches Docker by SSH, through ssh2 with native add-ons that would have to lie beside the bundle, and
 * builds images through gRPC. The agent does neither: it talks HTTP to the local socket.
 */
const UNUSED = /^(ssh2|@grpc\/(grpc-js|proto-loader))$/;
const withoutUnused = {
  name: 'without-unused',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: UNUSED }, ({ path }) => ({ path, namespace: 'without-unused' }));
    onLoad({ filter: /.*/, namespace: 'without-unused' }, () => ({ contents: 'module.exports = {};', loader: 'js' }));
  },
};

// CommonJS libraries inside an ES module still expect these names. The aliases keep clear of names that a bundled
// module may import itself.
const commonJsNames = `
import { createRequire as bundleCreateRequire } from 'node:module';
const require = bundleCreateRequire(import.meta.url);
const __dirname = import.meta.dirname;
const __filename = import.meta.filename;
`;

const [entry = 'agent/src/main.ts', outfile = 'agent/dist/flotilla-agent.mjs'] = process.argv.slice(2);
await build({
  entryPoints: [entry],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node22',
  format: 'esm',
  banner: { js: commonJsNames.trim() },
  plugins: [withoutUnused],
  logLevel: 'warning',
});
console.log(`${outfile}: ${(statSync(outfile).size / 2 ** 20).toFixed(1)} MiB`);
