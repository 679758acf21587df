import { createVuetify, type ThemeDefinition } from 'vuetify';
import { aliases, mdi } from 'vuetify/iconsets/mdi-svg';

const light: ThemeDefinition = {
  dark: false,
  // Vuetify's own 0.6 leaves labels and hints below the contrast of WCAG AA on this background.
  variables: { 'medium-emphasis-opacity': 0.74 },
  colors: {
    background: '#f4f6f8',
    surface: '#ffffff',
    primary: '#0b6383',
    secondary: '#465a66',
    success: '#1b6e3c',
    warning: '#8a5300',
    error: '#b3261e',
    info: '#0b5cad',
  },
};

const dark: ThemeDefinition = {
  dark: true,
  colors: {
    background: '#0f1518',
    surface: '#182024',
    primary: '#6cc5e3',
    secondary: '#a9bcc7',
    success: '#6fd394',
    warning: '#f0b35f',
    error: '#ff8a80',
    info: '#82b8ff',
  },
};

const STORED_THEME = 'flotilla.theme';

/** The theme that the operator chose earlier, else what the system prefers. */
function readPreferredTheme(): 'light' | 'dark' {
  const stored = localStorage.getItem(STORED_THEME);
  if (stored === 'light' || stored === 'dark') return stored;
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}

/** Keeps the choice for the next visit. */
export function writePreferredTheme(name: string): void {
  localStorage.setItem(STORED_THEME, name);
}

export function createTheme() {
  return createVuetify({
    icons: { defaultSet: 'mdi', aliases, sets: { mdi } },
    theme: { defaultTheme: readPreferredTheme(), themes: { light, dark } },
    defaults: {
      VTextField: { variant: 'outlined', density: 'comfortable' },
      VSelect: { variant: 'outlined', density: 'comfortable' },
      VCombobox: { variant: 'outlined', density: 'comfortable' },
      VAutocomplete: { variant: 'outlined', density: 'comfortable' },
      VTextarea: { variant: 'outlined', density: 'comfortable' },
      VSwitch: { color: 'primary', density: 'comfortable', inset: true },
      VBtn: { style: 'text-transform: none; letter-spacing: 0' },
      VCard: { variant: 'flat', border: true },
    },
  });
}
