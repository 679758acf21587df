import { busEvent, eventSubjectToken, EVENTS_STREAM, type EventKind } from '@flotilla/contracts';

/** What becomes of a message that waits in the outbox. */
export type RelayDecision =
  | { readonly action: 'publish'; readonly body: string }
  | { readonly action: 'give-up'; readonly body: string; readonly reason: string };

export interface OutboxMessage {
  readonly id: string;
  readonly subject: string;
  readonly payload: unknown;
}

/** Room in a message for its headers, which count towards the stream's bound. */
const HEADER_BYTES = 512;

/** Publishes what readers can read; one that no reader accepts would come back for ever and hold up the rest. */
export function decideRelay({ id, subject, payload }: OutboxMessage): RelayDecision {
  const body = JSON.stringify(payload);
  const giveUp = (reason: string): RelayDecision => ({ action: 'give-up', body, reason });
  const parsed = busEvent.safeParse(payload);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return giveUp(`its ${issue?.path.join('.') || 'payload'} ${issue?.message ?? 'is wrong'}`);
  }
  if (parsed.data.id !== id) return giveUp('its payload has the id of another message');
  if (!isSubjectOf(subject, parsed.data.kind)) return giveUp(`${subject} is no subject of ${parsed.data.kind}`);
  const bytes = new TextEncoder().encode(body).length;
  const limit = EVENTS_STREAM.maxMessageBytes - HEADER_BYTES;
  return bytes > limit ? giveUp(`has ${bytes} bytes, more than ${limit}`) : { action: 'publish', body };
}

function isSubjectOf(subject: string, kind: EventKind): boolean {
  const [root, token, subjectId, ...rest] = subject.split('.');
  return (
    root === 'events' && token === eventSubjectToken(kind) && /^[\w-]+$/.test(subjectId ?? '') && rest.length === 0
  );
}
