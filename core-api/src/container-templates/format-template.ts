import type { ContainerTemplateView } from '@flotilla/contracts';
import type { StoredContainerTemplate } from '@flotilla/core-db';

/** A template as people may see it: of variables the names only. */
export function formatTemplate({
  container,
  ...rest
}: StoredContainerTemplate): Omit<ContainerTemplateView, 'templateId' | 'expiresAt'> {
  const environment = container.environment.map(({ name }) => ({ name, isSecret: true }));
  return { ...rest, container: { ...container, environment, registry: null } };
}
