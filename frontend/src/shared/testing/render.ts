import { createPinia } from 'pinia';
import { createApp, type Component } from 'vue';
import { createMemoryHistory, createRouter } from 'vue-router';
import { createVuetify } from 'vuetify';
import { createTranslations, type Locale } from '../../i18n/create-i18n.ts';
import { apiClientKey, createApiClient } from '../api-client.ts';

/** The Core has not answered yet. */
const waitingApi = createApiClient({
  fetch: () => new Promise<Response>(() => {}),
  onSessionEnded: () => {},
  onSessionRenewed: () => {},
});

/** Renders a component as the application would, and returns what `read` finds in it. */
export function renderAndRead<Found>(
  component: Component,
  props: Record<string, unknown>,
  read: (host: HTMLElement) => Found,
  locale: Locale = 'en',
): Found {
  const page = { template: '<i />' };
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/:path(.*)*', component: page }] });
  const app = createApp(component, props);
  const host = document.createElement('div');
  app
    .provide(apiClientKey, waitingApi)
    .use(createPinia())
    .use(router)
    .use(createVuetify())
    .use(createTranslations(locale))
    .mount(host);
  const found = read(host);
  app.unmount();
  return found;
}

/** The text that a reader finds in a component. */
export function renderText(component: Component, props: Record<string, unknown>, locale: Locale = 'en'): string {
  return renderAndRead(component, props, (host) => listTexts(host).join(' ').replaceAll(/\s+/g, ' ').trim(), locale);
}

/** Pieces of text apart, as they stand on the page: `textContent` would run them together. */
function listTexts(node: Node): string[] {
  if (node.nodeType === Node.TEXT_NODE) return [node.textContent ?? ''];
  return [...node.childNodes].flatMap(listTexts);
}
