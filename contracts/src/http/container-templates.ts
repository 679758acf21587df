import { z } from 'zod';
import { containerView } from '../replicas/container-spec.ts';
import { containerTemplate } from '../replicas/container-template.ts';
import { containerName, entityId, instant } from '../values/identifiers.ts';
import { imageReference } from '../values/image-reference.ts';
import { defineRoute } from './route.ts';

/** A container's settings as people may see them: of variables the names only. */
export const containerTemplateView = containerTemplate.extend({
  /** Saved as a service's `templateId`, it stands for the values that are not shown. */
  templateId: entityId,
  /** After this the values are forgotten. */
  expiresAt: instant,
  /** `image` is null when the container's image has no name any more. */
  container: containerView.extend({ image: imageReference.nullable() }),
});
export type ContainerTemplateView = z.infer<typeof containerTemplateView>;

export const readContainerTemplate = defineRoute({
  method: 'post',
  path: '/api/agents/:id/containers/:containerRef/template',
  access: 'operator',
  tag: 'agents',
  summary:
    'Ask a node for the settings of one of its containers, as the template of a service’s replicas; waits up to 15 s. 404 when it has no such container, 409 when the node is offline, does not answer, or cannot read it',
  params: z.object({ id: entityId, containerRef: containerName }),
  status: 201,
  response: containerTemplateView,
});
