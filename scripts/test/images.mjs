import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from '../up/packages.mjs';
import { run } from '../up/run.mjs';

export const TEST_IMAGE = 'flotilla-test/web';

/** Answers every request with the text in $BODY, on port 80, and ends at once when told to. */
const START_SCRIPT = `#!/bin/sh
mkdir -p /www
printf '%s' "\${BODY:-hello}" > /www/index.html
exec httpd -f -p 80 -h /www
`;

/** A web server in an image of one static program, made here because no registry can be reached. */
export async function ensureTestImage() {
  const exists = await run('docker', ['image', 'inspect', TEST_IMAGE]).then(
    () => true,
    () => false,
  );
  if (exists) return 'found';
  const busybox = findProgram('busybox');
  if (busybox === null) throw new Error('busybox-static is not installed');
  const folder = mkdtempSync(join(tmpdir(), 'flotilla-image-'));
  try {
    mkdirSync(join(folder, 'bin'));
    copyFileSync(busybox, join(folder, 'bin', 'busybox'));
    for (const name of ['sh', 'httpd', 'mkdir', 'printf', 'sleep', 'echo']) {
      copyFileSync(busybox, join(folder, 'bin', name));
    }
    writeFileSync(join(folder, 'start'), START_SCRIPT, { mode: 0o755 });
    const archive = join(folder, '..', `${TEST_IMAGE.replace('/', '-')}-${process.pid}.tar`);
    await run('tar', ['-C', folder, '-cf', archive, '.']);
    await run('docker', ['import', '--change', 'CMD ["/start"]', '--change', 'EXPOSE 80', archive, TEST_IMAGE]);
    rmSync(archive);
    return 'made';
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
