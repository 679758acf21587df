export * from './error-page.ts';
export * from './error-page-key.ts';
export * from './error-page-settings.ts';
