import { createPinia } from 'pinia';
import { createApp, type Component } from 'vue';
import { createMemoryHistory, createRouter } from 'vue-router';
import { createVuetify } from 'vuetify';
import { createTranslations, type Locale } from '../../i18n/create-i18n.ts';

/** Renders a component as the application would, and returns the text that a reader finds in it. */
export function renderText(component: Component, props: Record<string, unknown>, locale: Locale = 'en'): string {
  const page = { template: '<i />' };
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/:path(.*)*', component: page }] });
  const app = createApp(component, props);
  const host = document.createElement('div');
  app.use(createPinia()).use(router).use(createVuetify()).use(createTranslations(locale)).mount(host);
  const text = listTexts(host).join(' ').replaceAll(/\s+/g, ' ').trim();
  app.unmount();
  return text;
}

/** Pieces of text apart, as they stand on the page: `textContent` would run them together. */
function listTexts(node: Node): string[] {
  if (node.nodeType === Node.TEXT_NODE) return [node.textContent ?? ''];
  return [...node.childNodes].flatMap(listTexts);
}
