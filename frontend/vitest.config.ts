import vue from '@vitejs/plugin-vue';
import vuetify from 'vite-plugin-vuetify';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [vue(), vuetify()],
  test: {
    name: 'frontend',
    environment: 'happy-dom',
    include: ['src/**/*.test.ts'],
    // Vuetify imports its style sheets from JavaScript, which only Vite's own pipeline understands.
    server: { deps: { inline: ['vuetify'] } },
  },
});
