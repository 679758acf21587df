/** `databaseUrl` → `FLOTILLA_DATABASE_URL` for the prefix `FLOTILLA_`. */
export function environmentName(key: string, prefix: string): string {
  return prefix + key.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}
