import { chmod, mkdir, readdir, readFile, readlink, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { SHARED_FOLDERS, type Layout } from '../layout.ts';
import { replaceSymlink, syncFolder, TEMPORARY_PREFIX, writeDurably } from '../../shared/write-durably.ts';
import { releaseRecord, type Release, type ReleaseRecord } from './release.ts';

/** Cleaning up looks at every shared file, so it is done once in a while: down to 5 when there are more than 10. */
const KEPT_RELEASES = 5;
const MOST_RELEASES = 10;
const RECORD = 'release.json';
/** The record's shared files once more, one a line: cleaning up need not read whole records. */
const FILE_LIST = 'shared-files.txt';
const PRIVATE_FILE = 0o600;
/** nginx's workers pass through folders; names in them are no secret, contents have modes of their own. */
const FOLDER = 0o755;

export type Pointer = 'current' | 'lastGood';

export interface ReleasesRepository {
  /** Makes the folders and removes what a crash left half written. */
  readonly open: () => Promise<void>;
  /** Null when the pointer, the release or its record is not there or cannot be read. */
  readonly read: (pointer: Pointer) => Promise<ReleaseRecord | null>;
  readonly readById: (releaseId: string) => Promise<ReleaseRecord | null>;
  /** Writes a release under a passing name, for `nginx -t`. */
  readonly stage: (release: Release) => Promise<StagedRelease>;
  /** Replaces what is known of a release that is there; nginx reads none of it. */
  readonly remember: (record: ReleaseRecord) => Promise<void>;
  /** In one step for nginx and through power loss. */
  readonly point: (pointer: Pointer, releaseId: string) => Promise<void>;
  /** Removes all but the last releases, and shared files that none of the rest uses. */
  readonly prune: () => Promise<void>;
}

export interface StagedRelease {
  readonly configFile: string;
  /** Gives it its final name; of a release that is there already only the record is replaced. */
  readonly keep: () => Promise<void>;
  readonly discard: () => Promise<void>;
}

export function createReleasesRepository(layout: Layout): ReleasesRepository {
  const { root, releases } = layout;
  const folderOf = (id: string) => join(releases, id);

  const readRecord = async (folder: string): Promise<ReleaseRecord | null> => {
    const text = await readIfThere(join(folder, RECORD));
    if (text === null) return null;
    const reading = releaseRecord.safeParse(parseJson(text));
    return reading.success ? reading.data : null;
  };

  const remember = async (record: ReleaseRecord): Promise<void> => {
    const folder = folderOf(record.id);
    await writeDurably(join(folder, RECORD), JSON.stringify(record), { mode: PRIVATE_FILE });
    await syncFolder(folder);
  };

  return {
    open: async () => {
      for (const folder of ['', 'releases', 'run', 'logs', 'temp', ...SHARED_FOLDERS]) {
        await mkdir(join(root, folder), { recursive: true });
        // The mode of mkdir() is cut by the umask.
        await chmod(join(root, folder), FOLDER);
      }
      for (const folder of [root, releases, ...SHARED_FOLDERS.map((name) => join(root, name))]) {
        await removeTemporary(folder);
      }
    },

    read: async (pointer) => {
      const target = await readlinkIfThere(layout[pointer]);
      return target === null ? null : readRecord(join(root, target));
    },

    readById: (releaseId) => readRecord(folderOf(releaseId)),

    stage: async ({ record, main }) => {
      const folder = join(releases, `${TEMPORARY_PREFIX}${record.id}`);
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder, { mode: FOLDER });
      await writeDurably(join(folder, 'nginx.conf'), main, { mode: 0o644 });
      return {
        configFile: join(folder, 'nginx.conf'),
        keep: async () => {
          // The id is a hash of what nginx reads, so a release of that name is this one to nginx.
          if (await isThere(folderOf(record.id))) {
            await rm(folder, { recursive: true, force: true });
            await remember(record);
            return;
          }
          await writeDurably(join(folder, FILE_LIST), record.sharedFiles.join('\n'), { mode: PRIVATE_FILE });
          await writeDurably(join(folder, RECORD), JSON.stringify(record), { mode: PRIVATE_FILE });
          // A release that outlives a power loss has all the files that it names.
          for (const shared of SHARED_FOLDERS) await syncFolder(join(root, shared));
          await syncFolder(folder);
          await rename(folder, folderOf(record.id));
          await syncFolder(releases);
        },
        discard: () => rm(folder, { recursive: true, force: true }),
      };
    },

    remember,

    point: (pointer, releaseId) => replaceSymlink(layout[pointer], join('releases', releaseId)),

    prune: async () => {
      const present = await readNewestFirst(releases);
      if (present.length <= MOST_RELEASES) return;
      const pointed = await Promise.all([readlinkIfThere(layout.current), readlinkIfThere(layout.lastGood)]);
      const keep = new Set(pointed.flatMap((target) => (target === null ? [] : [basename(target)])));
      for (const id of present) {
        if (keep.size < KEPT_RELEASES) keep.add(id);
        if (!keep.has(id)) await rm(folderOf(id), { recursive: true, force: true });
      }
      await removeUnusedFiles(root, [...keep].map(folderOf));
    },
  };
}

async function removeUnusedFiles(root: string, releaseFolders: readonly string[]): Promise<void> {
  const lists = await Promise.all(releaseFolders.map((folder) => readIfThere(join(folder, FILE_LIST))));
  // Without every list it is not known what is unused.
  if (lists.includes(null)) return;
  const used = new Set(lists.flatMap((list) => (list ?? '').split('\n')));
  for (const folder of SHARED_FOLDERS) {
    for (const name of await readdir(join(root, folder))) {
      if (!used.has(`${folder}/${name}`)) await rm(join(root, folder, name), { force: true });
    }
  }
}

async function readNewestFirst(folder: string): Promise<string[]> {
  const entries = await Promise.all(
    (await readdir(folder)).map(async (name) => ({ name, changedAt: (await stat(join(folder, name))).mtimeMs })),
  );
  return entries.toSorted((a, b) => b.changedAt - a.changedAt).map(({ name }) => name);
}

async function removeTemporary(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(TEMPORARY_PREFIX)) await rm(join(folder, name), { recursive: true, force: true });
  }
}

async function isThere(path: string): Promise<boolean> {
  return (await whenThere(stat(path))) !== null;
}

function readIfThere(file: string): Promise<string | null> {
  return whenThere(readFile(file, 'utf8'));
}

function readlinkIfThere(link: string): Promise<string | null> {
  return whenThere(readlink(link));
}

async function whenThere<Result>(reading: Promise<Result>): Promise<Result | null> {
  try {
    return await reading;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/** Null for text that is not JSON, which no release that was kept holds: the schema refuses it. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
