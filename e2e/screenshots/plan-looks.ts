/** How a visitor sees the dashboard. */
export interface Look {
  readonly name: string;
  readonly locale: 'en' | 'ru';
  readonly colorScheme: 'light' | 'dark';
  readonly viewport: { readonly width: number; readonly height: number };
}

const VIEWPORTS = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];

/** Both languages, both themes, a desk and a phone. */
export function planLooks(): Look[] {
  return VIEWPORTS.flatMap((viewport) =>
    (['light', 'dark'] as const).flatMap((colorScheme) =>
      (['en', 'ru'] as const).map((locale) => ({
        name: `${viewport.width}-${colorScheme}-${locale}`,
        locale,
        colorScheme,
        viewport,
      })),
    ),
  );
}
