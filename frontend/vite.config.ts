import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';
import vuetify from 'vite-plugin-vuetify';

export default defineConfig({
  plugins: [vue(), vuetify()],
  // The whole dashboard is a few hundred kilobytes; assets stay files, because the CSP allows no data: fonts.
  build: { assetsInlineLimit: 0, target: 'es2022' },
});
