import { inject, provide, shallowRef, type InjectionKey, type ShallowRef } from 'vue';

/** The time under the pointer, in milliseconds since the epoch, for all charts of a page; null when it is elsewhere. */
export type Crosshair = ShallowRef<number | null>;

const crosshairKey: InjectionKey<Crosshair> = Symbol('crosshair');

/** Shares one crosshair among the charts below this component. */
export function provideCrosshair(): Crosshair {
  const crosshair: Crosshair = shallowRef(null);
  provide(crosshairKey, crosshair);
  return crosshair;
}

/** The page's crosshair, or one of the chart's own. */
export function useCrosshair(): Crosshair {
  return inject(crosshairKey, () => shallowRef(null), true);
}
