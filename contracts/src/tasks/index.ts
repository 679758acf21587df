export * from './read-container.ts';
export * from './scale.ts';
export * from './task.ts';
export * from './task-state.ts';
export * from './update-nginx.ts';
