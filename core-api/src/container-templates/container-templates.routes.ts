import { readContainerTemplate } from '@flotilla/contracts';
import { handle, type BoundRoute, type RateLimit } from '../http/index.ts';
import { askForTemplate, type AskForTemplateDeps } from './ask-for-template.ts';

export interface ContainerTemplatesRoutesDeps extends AskForTemplateDeps {
  /** Each call makes a task and waits for it. */
  readonly readingLimit: RateLimit;
}

export function containerTemplatesRoutes(deps: ContainerTemplatesRoutesDeps): BoundRoute[] {
  return [
    handle(
      readContainerTemplate,
      async ({ params, user, response }) => {
        // Whoever leaves waits no longer; so does everybody when the process ends.
        const left = new AbortController();
        response.once('close', () => left.abort());
        const wanted = { agentId: params.id, container: params.containerRef, createdBy: user.email };
        return askForTemplate(deps, wanted, left.signal);
      },
      { limit: deps.readingLimit },
    ),
  ];
}
