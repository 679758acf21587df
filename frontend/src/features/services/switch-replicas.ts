import type { ServiceForm, TargetForm } from './service-form.ts';

function listTargets(form: ServiceForm): TargetForm[] {
  return [form.target, ...form.additionalTargets, ...form.locations.map(({ target }) => target)];
}

/** Whether requests go to the service's own replicas. */
export function usesReplicas(form: ServiceForm): boolean {
  return listTargets(form).some(({ kind }) => kind === 'replicas');
}

/**
 * Switches the service's own containers on or off. On: they become the target, unless they are one already. Off: targets
 * that were replicas need another one, and stay empty until it is chosen.
 */
export function switchReplicas(form: ServiceForm, isOn: boolean): void {
  form.replicas.isOn = isOn;
  if (isOn && !usesReplicas(form) && !form.redirect.isOn) form.target.kind = 'replicas';
  if (isOn) return;
  for (const target of listTargets(form)) if (target.kind === 'replicas') target.kind = 'container';
}
