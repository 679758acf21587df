import type { Task } from '@flotilla/contracts';
import { LOG_KEYS, type Logger } from '@flotilla/runtime';
import { openReplicaSecrets } from '../shared/replica-secrets.ts';
import { SealError, type SecretBox } from '../shared/secret-box.ts';

/**
 * Makes the last step of a task on its way to its agent: what lies sealed in the database is opened. A task that cannot be
 * opened stays here and expires: without its values the node would start containers that cannot work.
 */
export function createTaskOpener({ secretBox, log }: { readonly secretBox: SecretBox; readonly log: Logger }) {
  return (task: Task): Task | null => {
    if (task.type !== 'UPDATE_NGINX') return task;
    try {
      const sites = task.payload.sites.map((site) =>
        site.replicas ? { ...site, replicas: openReplicaSecrets(site.replicas, secretBox) } : site,
      );
      return { ...task, payload: { ...task.payload, sites } };
    } catch (err) {
      if (!(err instanceof SealError)) throw err;
      const message = 'cannot open the secrets of a task: is encryption.key the one that they were saved with?';
      log.error({ err, [LOG_KEYS.taskId]: task.id }, message);
      return null;
    }
  };
}
