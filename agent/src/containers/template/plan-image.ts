import { imageReference } from '@flotilla/contracts';
import type { Inspection } from './parse-inspection.ts';
import { noteNames, noteIf, type UntakenNote } from './untaken-note.ts';

/** The image by a name that can be pulled; null when it has none any more. */
export function planImage({ container, image, namedImageId }: Inspection): {
  readonly image: string | null;
  readonly notes: readonly UntakenNote[];
} {
  const used = container.Config.Image;
  // `docker run a1b2c3` made it, or its name was given to another image before it was made.
  const isId = used.startsWith('sha256:') || container.Image.startsWith(`sha256:${used}`);
  const names = isId ? [...image.RepoTags, ...image.RepoDigests] : [used];
  const name = names.find((candidate) => imageReference.safeParse(candidate).success) ?? null;
  if (name === null) return { image: null, notes: noteIf(true, 'image') };
  const isMoved = !isId && namedImageId !== container.Image;
  return { image: name, notes: noteNames('movedImage', isMoved ? [name] : []) };
}
