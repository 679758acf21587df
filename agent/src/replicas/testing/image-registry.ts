import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';

const REPOSITORY = 'shop/web';
const MANIFEST_TYPE = 'application/vnd.docker.distribution.manifest.v2+json';
/** What `docker save` writes beside the files that it names. */
const savedImages = z.array(z.object({ Config: z.string(), Layers: z.array(z.string()) })).min(1);
const run = promisify(execFile);

/**
 * A registry (distribution-spec, the part that a pull needs) that has one image and lets in one user. On the loopback address
 * Docker speaks plain HTTP.
 */
export class ImageRegistry implements AsyncDisposable {
  readonly #server: Server;
  readonly #authorization: string;
  readonly #blobs: ReadonlyMap<string, Buffer>;
  readonly #manifest: Buffer;
  /** Requests that were let in, and that were not. */
  readonly counts = { admitted: 0, refused: 0 };

  private constructor(authorization: string, blobs: ReadonlyMap<string, Buffer>, manifest: Buffer) {
    this.#authorization = authorization;
    this.#blobs = blobs;
    this.#manifest = manifest;
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  /** @param image one that Docker has */
  static async start(
    image: string,
    user: { readonly username: string; readonly password: string },
  ): Promise<ImageRegistry> {
    const { config, layers } = await saveImage(image);
    const describe = (mediaType: string, blob: Buffer) => ({ mediaType, size: blob.length, digest: digestOf(blob) });
    const manifest = {
      schemaVersion: 2,
      mediaType: MANIFEST_TYPE,
      config: describe('application/vnd.docker.container.image.v1+json', config),
      layers: layers.map((layer) => describe('application/vnd.docker.image.rootfs.diff.tar.gzip', layer)),
    };
    const blobs = new Map([config, ...layers].map((blob) => [digestOf(blob), blob]));
    const authorization = `Basic ${Buffer.from(`${user.username}:${user.password}`).toString('base64')}`;
    const registry = new ImageRegistry(authorization, blobs, Buffer.from(JSON.stringify(manifest)));
    registry.#server.listen(0, '127.0.0.1');
    await once(registry.#server, 'listening');
    return registry;
  }

  /** The image's name for Docker. */
  get image(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}/${REPOSITORY}:1`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  #answer({ url = '', method, headers }: IncomingMessage, response: ServerResponse): void {
    if (headers.authorization !== this.#authorization) {
      this.counts.refused += 1;
      const body = JSON.stringify({ errors: [{ code: 'UNAUTHORIZED', message: 'authentication required' }] });
      response.writeHead(401, { 'www-authenticate': 'Basic realm="test"', 'content-type': 'application/json' });
      response.end(body);
      return;
    }
    this.counts.admitted += 1;
    const content = this.#find(url);
    if (content === null) return void response.writeHead(404).end();
    response.writeHead(200, {
      'content-type': content === this.#manifest ? MANIFEST_TYPE : 'application/octet-stream',
      'content-length': content.length,
      'docker-content-digest': digestOf(content),
    });
    response.end(method === 'HEAD' ? undefined : content);
  }

  #find(url: string): Buffer | null {
    if (url === '/v2/') return Buffer.from('{}');
    if (url.startsWith(`/v2/${REPOSITORY}/manifests/`)) return this.#manifest;
    const blobs = `/v2/${REPOSITORY}/blobs/`;
    return url.startsWith(blobs) ? (this.#blobs.get(url.slice(blobs.length)) ?? null) : null;
  }
}

async function saveImage(image: string): Promise<{ readonly config: Buffer; readonly layers: readonly Buffer[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-image-'));
  try {
    const archive = join(folder, 'image.tar');
    await run('docker', ['save', '--output', archive, image]);
    await run('tar', ['-C', folder, '-xf', archive]);
    const [saved] = savedImages.parse(JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')));
    const read = (name: string): Promise<Buffer> => readFile(join(folder, name));
    return { config: await read(saved?.Config ?? ''), layers: await Promise.all((saved?.Layers ?? []).map(read)) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

function digestOf(blob: Buffer): string {
  return `sha256:${createHash('sha256').update(blob).digest('hex')}`;
}
