import type { ContainerTemplateView } from '@flotilla/contracts';
import { readContainer } from './replicas-form.ts';
import type { ServiceForm } from './service-form.ts';

/**
 * Fills the containers' part of the form from a container. What a container says nothing of stays as it was: how many there are,
 * how they are replaced, and who pulls the image; the image, too, where the container's has no name any more.
 */
export function takeContainerTemplate(
  form: ServiceForm,
  { container, ports, templateId }: Pick<ContainerTemplateView, 'container' | 'ports' | 'templateId'>,
): void {
  const { replicas, target } = form;
  const { image, registry, pull } = replicas;
  const settings = readContainer({ ...container, image: container.image ?? image });
  Object.assign(replicas, settings, { registry, pull, templateId });
  if (target.kind === 'replicas') target.port = ports[0] ?? target.port;
}
