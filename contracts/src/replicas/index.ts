export * from './container-spec.ts';
export * from './container-template.ts';
export * from './replica-report.ts';
export * from './replica-settings.ts';
