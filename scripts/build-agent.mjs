// `npm run build:agent`: the agent in one file, for images and bare hosts. Stripping types at start would cost each
// host about 18 MB of resident memory.
import { build } from 'esbuild';

/**
 * dockerode reaches Docker by SSH too, through ssh2 with its native add-ons. The agent talks to the local socket only,
 * so it ships without them: a file beside the bundle would be needed for each.
 */
const withoutSsh = {
  name: 'without-ssh',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^ssh2$/ }, () => ({ path: 'ssh2', namespace: 'without-ssh' }));
    onLoad({ filter: /.*/, namespace: 'without-ssh' }, () => ({ contents: 'module.exports = {};', loader: 'js' }));
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
  plugins: [withoutSsh],
  logLevel: 'warning',
});
