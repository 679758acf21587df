// First, because it declares the order of Vuetify's layers, which the components' own style sheets rely on.
import 'vuetify/styles';
import { createPinia } from 'pinia';
import { createApp } from 'vue';
import App from './app/App.vue';
import { createAppRouter } from './app/router.ts';
import { createTheme } from './app/theme.ts';
import { useSession } from './shared/session.store.ts';
import { createTranslations } from './i18n/create-i18n.ts';
import { apiClientKey, createApiClient } from './shared/api-client.ts';

const app = createApp(App);
const pinia = createPinia();
const api = createApiClient({
  fetch: (input, init) => fetch(input, init),
  onSessionEnded: () => useSession(pinia).end(),
  onSessionRenewed: (session) => useSession(pinia).accept(session),
});

app.use(pinia).use(createTranslations()).use(createTheme()).provide(apiClientKey, api);
app.use(createAppRouter(useSession(pinia))).mount('#app');
