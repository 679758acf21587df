import { chromium } from 'playwright-core';

/** Debian's Chromium, with what would call elsewhere switched off. */
export const CHROMIUM_OPTIONS = {
  executablePath: '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};

export const launchBrowser = () => chromium.launch(CHROMIUM_OPTIONS);
